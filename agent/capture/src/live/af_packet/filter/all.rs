//! What a tap takes: whatever may carry IP.
//!
//! It asks the kernel's own notes on the frame (its protocol, its direction) instead of the bytes, so
//! that it works for every link type and wherever a VLAN tag was moved to.

use super::assembler::{
    HARDWARE_TYPE, Instruction, JUMP_IF_EQUAL, LOAD_WORD, LOOPBACK, OUTGOING, PACKET_TYPE,
    PROTOCOL, RETURN,
};

/// What may carry IP: EtherTypes, and the kernel's own number for 802.2.
pub(super) const MAY_CARRY_IP: [u16; 19] = [
    0x0800, 0x86dd, // IPv4, IPv6
    0x8100, 0x88a8, 0x9100, 0x9200, 0x9300, // VLAN tags
    0x8847, 0x8848, // MPLS
    0x8864, 0x880b, // PPPoE, PPP
    0x6558, 0x894f, // Ethernet in GRE, NSH
    0x893f, 0x8926, 0x8909, // tags of switches
    0x88e7, 0x22f3, // Ethernet in Ethernet
    0x0004, // 802.2
];

/// The program; what passes is cut to `snaplen` bytes.
pub(super) fn program(snaplen: u32) -> Vec<Instruction> {
    // Each packet on the loopback is seen when it is sent and when it arrives.
    let mut program = vec![
        load(PACKET_TYPE),
        skip_unless(OUTGOING, 3),
        load(HARDWARE_TYPE),
        skip_unless(LOOPBACK, 1),
        returns(0),
        load(PROTOCOL),
    ];
    let count = u8::try_from(MAY_CARRY_IP.len()).unwrap_or(u8::MAX);
    for (left, protocol) in (0..count).rev().zip(MAY_CARRY_IP) {
        program.push(Instruction {
            code: JUMP_IF_EQUAL,
            // Over the comparisons that are left and the refusal.
            when_true: left + 1,
            when_false: 0,
            operand: protocol.into(),
        });
    }
    program.push(returns(0));
    program.push(returns(snaplen));
    program
}

fn load(operand: u32) -> Instruction {
    Instruction {
        code: LOAD_WORD,
        when_true: 0,
        when_false: 0,
        operand,
    }
}

fn skip_unless(operand: u32, count: u8) -> Instruction {
    Instruction {
        code: JUMP_IF_EQUAL,
        when_true: 0,
        when_false: count,
        operand,
    }
}

fn returns(operand: u32) -> Instruction {
    Instruction {
        code: RETURN,
        when_true: 0,
        when_false: 0,
        operand,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs a program on the kernel's notes; gives the bytes that pass.
    fn run(program: &[Instruction], packet_type: u32, hardware: u32, protocol: u32) -> u32 {
        let (mut at, mut accumulator) = (0, 0);
        loop {
            let instruction = program[at];
            at += 1;
            match instruction.code {
                LOAD_WORD => {
                    accumulator = match instruction.operand {
                        PACKET_TYPE => packet_type,
                        HARDWARE_TYPE => hardware,
                        PROTOCOL => protocol,
                        other => panic!("loads {other:#x}"),
                    }
                }
                JUMP_IF_EQUAL if accumulator == instruction.operand => {
                    at += usize::from(instruction.when_true);
                }
                JUMP_IF_EQUAL => at += usize::from(instruction.when_false),
                RETURN => return instruction.operand,
                other => panic!("runs {other:#x}"),
            }
        }
    }

    #[test]
    fn passes_what_may_carry_ip_and_nothing_else() {
        let program = program(1000);
        for protocol in MAY_CARRY_IP {
            assert_eq!(run(&program, 0, 1, protocol.into()), 1000, "{protocol:#x}");
        }
        for arp_lldp_or_other in [0x0806, 0x88cc, 0x8863, 1, 0] {
            assert_eq!(run(&program, 0, 1, arp_lldp_or_other), 0);
        }
    }

    #[test]
    fn refuses_the_outgoing_copy_on_the_loopback_only() {
        let program = program(1000);
        assert_eq!(run(&program, OUTGOING, LOOPBACK, 0x0800), 0);
        assert_eq!(run(&program, 0, LOOPBACK, 0x0800), 1000);
        assert_eq!(run(&program, OUTGOING, 1, 0x0800), 1000);
    }
}
