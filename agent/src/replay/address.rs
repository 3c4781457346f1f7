//! Addresses as text, digit by digit: every line of `dissect` holds two.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::line::hex_digit;

/// Room for the longest address as text (`ffff:` seven times, `ffff`, or an IPv4 address in IPv6) and what is written past it.
const ROOM: usize = 48;

/// The digits of every octet, and how many there are.
const OCTETS: [[u8; 4]; 256] = {
    let mut octets = [[0; 4]; 256];
    let mut octet = 0_u8;
    loop {
        let [a, b, c] = [
            b'0' + octet / 100,
            b'0' + octet / 10 % 10,
            b'0' + octet % 10,
        ];
        octets[octet as usize] = match octet {
            100.. => [a, b, c, 3],
            10.. => [b, c, 0, 2],
            _ => [c, 0, 0, 1],
        };
        if octet == u8::MAX {
            break octets;
        }
        octet += 1;
    }
};

/// An address as text.
#[derive(Debug)]
pub(super) struct Text {
    bytes: [u8; ROOM],
    used: usize,
}

impl Text {
    /// IPv4 with dots, IPv6 as RFC 5952 says.
    pub(super) fn of(address: IpAddr) -> Self {
        let mut text = Self {
            bytes: [0; ROOM],
            used: 0,
        };
        match address {
            IpAddr::V4(v4) => text.ipv4(v4),
            IpAddr::V6(v6) => text.ipv6(v6),
        }
        text
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.used).unwrap_or_default()
    }

    fn push(&mut self, byte: u8) {
        if let Some(slot) = self.bytes.get_mut(self.used) {
            *slot = byte;
            self.used += 1;
        }
    }

    fn ipv4(&mut self, address: Ipv4Addr) {
        for octet in address.octets() {
            // All of it is written, the digits that do not count too: the next octet is written over them.
            let [digits @ .., length] = OCTETS[usize::from(octet)];
            let room = self.bytes.get_mut(self.used..).unwrap_or_default();
            if let Some(slot) = room.first_chunk_mut::<4>() {
                let [a, b, c] = digits;
                *slot = [a, b, c, b'.'];
            }
            self.used += usize::from(length);
            if let Some(slot) = self.bytes.get_mut(self.used) {
                *slot = b'.';
            }
            self.used += 1;
        }
        self.used -= 1;
    }

    /// The longest run of two or more zeros is left out, the first of several.
    fn ipv6(&mut self, address: Ipv6Addr) {
        if let Some(v4) = address.to_ipv4_mapped() {
            b"::ffff:".iter().for_each(|byte| self.push(*byte));
            return self.ipv4(v4);
        }
        let segments = address.segments();
        let (from, length) = longest_zeros(&segments);
        let to = from + length;
        for (place, segment) in segments.into_iter().enumerate() {
            let is_left_out = length > 1 && (from..to).contains(&place);
            // The run is two colons: this one, and that of the segment behind it, or of the end.
            if place > 0 && !is_left_out || is_left_out && place == from {
                self.push(b':');
            }
            if !is_left_out {
                self.segment(segment);
            }
        }
        if length > 1 && to == segments.len() {
            self.push(b':');
        }
    }

    /// Without leading zeros.
    fn segment(&mut self, segment: u16) {
        let [high, low] = segment.to_be_bytes();
        let digits = [high >> 4, high & 0x0f, low >> 4, low & 0x0f];
        let zeros = digits.iter().take(3).take_while(|digit| **digit == 0);
        for digit in digits.into_iter().skip(zeros.count()) {
            self.push(hex_digit(digit));
        }
    }
}

/// Where the longest run of zeros begins, and how long it is.
fn longest_zeros(segments: &[u16; 8]) -> (usize, usize) {
    let (mut from, mut length, mut run) = (0, 0, 0);
    for (place, segment) in segments.iter().enumerate() {
        run = if *segment == 0 { run + 1 } else { 0 };
        if run > length {
            (from, length) = (place + 1 - run, run);
        }
    }
    (from, length)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(address: IpAddr) -> String {
        String::from_utf8_lossy(Text::of(address).as_bytes()).into_owned()
    }

    #[test]
    fn the_longest_address_has_room() {
        let longest = IpAddr::from([0xffff_u16; 8]);
        assert_eq!(written(longest), longest.to_string());
        let mapped: IpAddr = "::ffff:255.255.255.255".parse().unwrap();
        assert_eq!(written(mapped), mapped.to_string());
    }

    proptest! {
        #[test]
        fn any_address_is_written_as_the_standard_library_does(address in any::<IpAddr>()) {
            prop_assert_eq!(written(address), address.to_string());
        }

        #[test]
        fn any_run_of_zeros_is_left_out_alike(zeros in any::<u8>(), mut segments in any::<[u16; 8]>()) {
            for (place, segment) in segments.iter_mut().enumerate() {
                *segment *= u16::from((zeros >> place) & 1);
            }
            let address = IpAddr::from(segments);
            prop_assert_eq!(written(address), address.to_string());
        }
    }
}
