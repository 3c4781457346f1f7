//! JSON lines written by hand into one buffer that is used again: on traffic full of handshakes,
//! writing is most of the work.

use std::fmt::{self, Write as _};
use std::io::Write as _;
use std::net::IpAddr;

use wire::fingerprint::Ja4Memory;

use super::address::Text;

/// Nanoseconds in a second.
const SECOND: i64 = 1_000_000_000;

/// Length of `2026-01-02T03:04:05`.
const SECOND_TEXT: usize = 19;

/// Lines that are not written out yet.
#[derive(Debug)]
pub(super) struct Lines {
    buffer: Vec<u8>,
    /// For the fingerprints in them.
    pub(super) ja4: Ja4Memory,
    second: i64,
    second_text: [u8; SECOND_TEXT],
    has_field: bool,
}

impl Lines {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self {
            buffer: Vec::with_capacity(bytes),
            ja4: Ja4Memory::new(),
            second: 0,
            second_text: *b"1970-01-01T00:00:00",
            has_field: false,
        }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.buffer
    }

    pub(super) fn clear(&mut self) {
        self.buffer.clear();
    }

    /// Opens an object; `kind` is plain text.
    pub(super) fn begin(&mut self, kind: &str) {
        self.buffer.extend_from_slice(b"{\"kind\":\"");
        self.buffer.extend_from_slice(kind.as_bytes());
        self.buffer.push(b'"');
        self.has_field = true;
    }

    /// Begins a field behind another one, written out as it stands: `,"name":`.
    #[inline(always)]
    pub(super) fn next<const N: usize>(&mut self, text: &[u8; N]) {
        self.buffer.extend_from_slice(text);
    }

    /// Ends the object and its line.
    pub(super) fn end(&mut self) {
        self.buffer.extend_from_slice(b"}\n");
    }

    /// Begins a field; `name` is plain text.
    #[inline]
    pub(super) fn field(&mut self, name: &str) {
        if self.has_field {
            self.buffer.push(b',');
        }
        self.has_field = true;
        self.buffer.push(b'"');
        self.buffer.extend_from_slice(name.as_bytes());
        self.buffer.extend_from_slice(b"\":");
    }

    pub(super) fn null(&mut self) {
        self.buffer.extend_from_slice(b"null");
    }

    pub(super) fn boolean(&mut self, value: bool) {
        self.buffer
            .extend_from_slice(if value { b"true" } else { b"false" });
    }

    pub(super) fn number(&mut self, value: u64) {
        let mut digits = [0_u8; 20];
        let mut rest = value;
        let mut used = 0;
        for slot in digits.iter_mut().rev() {
            *slot = digit(rest % 10);
            rest /= 10;
            used += 1;
            if rest == 0 {
                break;
            }
        }
        let start = digits.len().saturating_sub(used);
        self.buffer
            .extend_from_slice(digits.get(start..).unwrap_or_default());
    }

    /// RFC 3339 in UTC with microseconds. The part down to the second is kept for the next line.
    pub(super) fn time(&mut self, nanos: i64) {
        let second = nanos.div_euclid(SECOND);
        if second != self.second {
            let text = crate::text::time(second.saturating_mul(SECOND));
            if let Some(text) = text.as_bytes().first_chunk() {
                self.second_text = *text;
                self.second = second;
            }
        }
        self.buffer.push(b'"');
        self.buffer.extend_from_slice(&self.second_text);
        self.buffer.push(b'.');
        let mut micros = nanos.rem_euclid(SECOND) / 1000;
        let mut digits = [0_u8; 6];
        for slot in digits.iter_mut().rev() {
            *slot = digit(micros.unsigned_abs() % 10);
            micros /= 10;
        }
        self.buffer.extend_from_slice(&digits);
        self.buffer.extend_from_slice(b"Z\"");
    }

    pub(super) fn address(&mut self, address: IpAddr) {
        self.buffer.push(b'"');
        self.buffer.extend_from_slice(Text::of(address).as_bytes());
        self.buffer.push(b'"');
    }

    /// A name off the wire: lower case, without one trailing dot, bytes that are not plain ASCII
    /// (and the backslash) as `\DDD`, which JSON writes as `\\DDD`.
    pub(super) fn name(&mut self, name: &[u8]) {
        let name = name.strip_suffix(b".").unwrap_or(name);
        self.buffer.push(b'"');
        if all_plain(name) {
            let start = self.buffer.len();
            self.buffer.extend_from_slice(name);
            if let Some(written) = self.buffer.get_mut(start..) {
                to_lower_case(written);
            }
        } else {
            for &byte in name {
                self.wire_byte(byte.to_ascii_lowercase());
            }
        }
        self.buffer.push(b'"');
    }

    /// Bytes off the wire as they are, except that what is not plain ASCII is `\DDD`.
    pub(super) fn wire_text(&mut self, text: &[u8]) {
        self.buffer.push(b'"');
        for &byte in text {
            self.wire_byte(byte);
        }
        self.buffer.push(b'"');
    }

    fn wire_byte(&mut self, byte: u8) {
        match byte {
            b'"' => self.buffer.extend_from_slice(b"\\\""),
            b'\\' | 0..=b' ' | 0x7f..=0xff => {
                let [hundreds, tens, ones] = [byte / 100, byte / 10 % 10, byte % 10];
                let escaped = [hundreds, tens, ones].map(|value| digit(u64::from(value)));
                self.buffer.extend_from_slice(b"\\\\");
                self.buffer.extend_from_slice(&escaped);
            }
            plain => self.buffer.push(plain),
        }
    }

    /// Any text, escaped as JSON wants it.
    pub(super) fn text(&mut self, text: impl fmt::Display) {
        self.buffer.push(b'"');
        let written = write!(Escaping(&mut self.buffer), "{text}");
        debug_assert!(written.is_ok(), "writing to memory cannot fail");
        self.buffer.push(b'"');
    }

    /// A word of this program's making that needs no escaping, in quotes.
    pub(super) fn word(&mut self, word: &str) {
        self.buffer.push(b'"');
        self.buffer.extend_from_slice(word.as_bytes());
        self.buffer.push(b'"');
    }

    /// Bytes as hexadecimal digits, in quotes.
    pub(super) fn hex<const N: usize>(&mut self, bytes: &[u8; N]) {
        let digits = bytes.map(|byte| [byte >> 4, byte & 0x0f].map(hex_digit));
        self.buffer.push(b'"');
        self.buffer.extend_from_slice(digits.as_flattened());
        self.buffer.push(b'"');
    }

    /// A number as eight hexadecimal digits behind `0x`, in quotes.
    pub(super) fn hex_number(&mut self, number: u32) {
        let bytes = number.to_be_bytes();
        let digits = bytes.map(|byte| [byte >> 4, byte & 0x0f].map(hex_digit));
        self.buffer.extend_from_slice(b"\"0x");
        self.buffer.extend_from_slice(digits.as_flattened());
        self.buffer.push(b'"');
    }

    /// Text of this program's making that needs no escaping, in quotes.
    pub(super) fn quoted(&mut self, text: fmt::Arguments<'_>) {
        self.buffer.push(b'"');
        self.plain(text);
        self.buffer.push(b'"');
    }

    pub(super) fn raw(&mut self, text: &[u8]) {
        self.buffer.extend_from_slice(text);
    }

    /// Items between brackets with commas.
    pub(super) fn list<T>(
        &mut self,
        items: impl Iterator<Item = T>,
        mut write: impl FnMut(&mut Self, T),
    ) {
        self.buffer.push(b'[');
        for (index, item) in items.enumerate() {
            if index > 0 {
                self.buffer.push(b',');
            }
            write(self, item);
        }
        self.buffer.push(b']');
    }

    /// An object inside a field.
    pub(super) fn object(&mut self, write: impl FnOnce(&mut Self)) {
        self.buffer.push(b'{');
        self.has_field = false;
        write(self);
        self.has_field = true;
        self.buffer.push(b'}');
    }

    fn plain(&mut self, text: fmt::Arguments<'_>) {
        let written = self.buffer.write_fmt(text);
        debug_assert!(written.is_ok(), "writing to memory cannot fail");
    }
}

/// Whether a byte of a name is printed as it is.
const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_graphic() && byte != b'"' && byte != b'\\'
}

/// Bytes that are looked at side by side.
const WIDE: usize = 8;

fn all_plain(name: &[u8]) -> bool {
    let (wide, rest) = name.as_chunks::<WIDE>();
    let odd = |bytes: &[u8]| {
        let strange = bytes.iter().map(|byte| u8::from(!is_plain(*byte)));
        strange.fold(0, |odd, strange| odd | strange)
    };
    wide.iter().fold(0, |sum, bytes| sum | odd(bytes)) | odd(rest) == 0
}

/// The bytes in lower case, in wide steps: names are too short for the standard library's own to pay.
fn to_lower_case(name: &mut [u8]) {
    let (wide, rest) = name.as_chunks_mut::<WIDE>();
    wide.iter_mut()
        .for_each(|bytes| bytes.make_ascii_lowercase());
    rest.make_ascii_lowercase();
}

pub(super) const fn hex_digit(value: u8) -> u8 {
    match value {
        0..=9 => b'0' + value,
        _ => b'a' + (value & 0x0f) - 10,
    }
}

fn digit(value: u64) -> u8 {
    b"0123456789"
        .get(usize::try_from(value).unwrap_or(0))
        .copied()
        .unwrap_or(b'0')
}

/// Escapes what passes through it for the inside of a JSON string.
struct Escaping<'b>(&'b mut Vec<u8>);

impl fmt::Write for Escaping<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for &byte in text.as_bytes() {
            match byte {
                b'"' | b'\\' => self.0.extend_from_slice(&[b'\\', byte]),
                0..0x20 => write!(self.0, "\\u{byte:04x}").map_err(|_| fmt::Error)?,
                plain => self.0.push(plain),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn parsed(write: impl FnOnce(&mut Lines)) -> Value {
        let mut lines = Lines::with_capacity(64);
        lines.begin("test");
        lines.field("value");
        write(&mut lines);
        lines.end();
        assert_eq!(lines.as_bytes().iter().filter(|&&b| b == b'\n').count(), 1);
        let mut value: Value = serde_json::from_slice(lines.as_bytes()).expect("valid JSON");
        value["value"].take()
    }

    #[test]
    fn names_are_lower_case_without_trailing_dot_and_escaped() {
        assert_eq!(parsed(|l| l.name(b"API.OpenAI.com.")), "api.openai.com");
        assert_eq!(parsed(|l| l.name(b"a\\b \xc3\"")), "a\\092b\\032\\195\"");
        assert_eq!(parsed(|l| l.name(b"")), "");
    }

    #[test]
    fn times_have_microseconds_before_and_after_the_epoch() {
        let mut lines = Lines::with_capacity(64);
        for nanos in [
            1_767_323_045_123_456_789,
            1_767_323_045_000_001_000,
            0,
            -1_000,
        ] {
            lines.time(nanos);
        }
        let expected = "\"2026-01-02T03:04:05.123456Z\"\"2026-01-02T03:04:05.000001Z\"\
            \"1970-01-01T00:00:00.000000Z\"\"1969-12-31T23:59:59.999999Z\"";
        assert_eq!(String::from_utf8_lossy(lines.as_bytes()), expected);
    }

    #[test]
    fn numbers_keep_all_their_digits() {
        for number in [0, 7, 10, 65_535, u64::MAX] {
            assert_eq!(parsed(|l| l.number(number)), number);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_give_a_valid_line(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let name = parsed(|l| l.name(&bytes));
            prop_assert!(name.as_str().expect("a string").is_ascii());
            let text = parsed(|l| l.wire_text(&bytes));
            prop_assert!(text.as_str().expect("a string").len() >= bytes.len());
        }

        #[test]
        fn any_text_comes_back(text in any::<String>()) {
            prop_assert_eq!(parsed(|l| l.text(&text)), text);
        }

        #[test]
        fn any_address_comes_back(address in any::<IpAddr>()) {
            prop_assert_eq!(parsed(|l| l.address(address)), address.to_string());
        }
    }
}
