//! Classic BPF, as in the kernel's `filter.rst`: instructions, and labels instead of distances.

/// One instruction: operation, jumps when true and when false, operand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::live::af_packet) struct Instruction {
    pub(in crate::live::af_packet) code: u16,
    pub(in crate::live::af_packet) when_true: u8,
    pub(in crate::live::af_packet) when_false: u8,
    pub(in crate::live::af_packet) operand: u32,
}

pub(super) const LOAD_WORD: u16 = 0x20;
pub(super) const LOAD_HALF_AT: u16 = 0x48;
pub(super) const LOAD_BYTE_AT: u16 = 0x50;
pub(super) const LOAD_CELL: u16 = 0x60;
pub(super) const LOAD_INDEX: u16 = 0x01;
pub(super) const LOAD_INDEX_CELL: u16 = 0x61;
pub(super) const STORE: u16 = 0x02;
pub(super) const TO_INDEX: u16 = 0x07;
pub(super) const FROM_INDEX: u16 = 0x87;
pub(super) const ADD: u16 = 0x04;
pub(super) const ADD_INDEX: u16 = 0x0c;
pub(super) const SUBTRACT_INDEX: u16 = 0x1c;
pub(super) const AND: u16 = 0x54;
pub(super) const SHIFT_LEFT: u16 = 0x64;
pub(super) const SHIFT_RIGHT: u16 = 0x74;
pub(super) const JUMP_IF_EQUAL: u16 = 0x15;
pub(super) const JUMP_IF_ABOVE: u16 = 0x25;
pub(super) const JUMP_IF_ANY: u16 = 0x45;
pub(super) const RETURN: u16 = 0x06;

/// Where loads find the kernel's notes.
const NOTES: u32 = libc::SKF_AD_OFF.cast_unsigned();
pub(super) const PROTOCOL: u32 = NOTES + libc::SKF_AD_PROTOCOL.cast_unsigned();
pub(super) const PACKET_TYPE: u32 = NOTES + libc::SKF_AD_PKTTYPE.cast_unsigned();
pub(super) const HARDWARE_TYPE: u32 = NOTES + libc::SKF_AD_HATYPE.cast_unsigned();
pub(super) const RANDOM: u32 = NOTES + libc::SKF_AD_RANDOM.cast_unsigned();

pub(super) const OUTGOING: u32 = libc::PACKET_OUTGOING as u32;
pub(super) const LOOPBACK: u32 = libc::ARPHRD_LOOPBACK as u32;

/// Where a jump goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum To<L> {
    /// On to the next instruction.
    Next,
    /// To a label further down.
    Label(L),
}

#[derive(Clone, Copy, Debug)]
enum Line<L> {
    Plain(u16, u32),
    Jump(u16, u32, To<L>, To<L>),
}

/// Collects a program whose labels are of the type `L`.
#[derive(Debug)]
pub(super) struct Assembler<L> {
    lines: Vec<Line<L>>,
    labels: Vec<(L, usize)>,
}

impl<L: Copy + PartialEq> Assembler<L> {
    pub(super) const fn new() -> Self {
        Self {
            lines: Vec::new(),
            labels: Vec::new(),
        }
    }

    pub(super) fn label(&mut self, label: L) {
        self.labels.push((label, self.lines.len()));
    }

    pub(super) fn op(&mut self, code: u16, operand: u32) {
        self.lines.push(Line::Plain(code, operand));
    }

    pub(super) fn jump(&mut self, code: u16, operand: u32, yes: To<L>, no: To<L>) {
        self.lines.push(Line::Jump(code, operand, yes, no));
    }

    /// The program; `None` when a jump goes back, or farther than one byte can say.
    pub(super) fn finish(&self) -> Option<Vec<Instruction>> {
        let distance = |from: usize, to: To<L>| match to {
            To::Next => Some(0),
            To::Label(label) => {
                let (_, place) = self.labels.iter().find(|(known, _)| *known == label)?;
                u8::try_from(place.checked_sub(from)?.checked_sub(1)?).ok()
            }
        };
        let lines = self.lines.iter().enumerate();
        lines
            .map(|(at, line)| {
                Some(match *line {
                    Line::Plain(code, operand) => Instruction {
                        code,
                        when_true: 0,
                        when_false: 0,
                        operand,
                    },
                    Line::Jump(code, operand, yes, no) => Instruction {
                        code,
                        when_true: distance(at, yes)?,
                        when_false: distance(at, no)?,
                        operand,
                    },
                })
            })
            .collect()
    }
}
