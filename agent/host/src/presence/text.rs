//! What may leave of texts that people wrote: a plain set of characters, no secrets, no names of
//! people; and of an address of electronic mail, the domain.

/// Longest name of a server.
pub(super) const MAX_NAME: usize = 64;
/// Longest name of a package or a model.
pub(super) const MAX_PACKAGE: usize = 128;
/// What stands for a text that may not leave.
pub(super) const REDACTED: &str = "redacted";
/// Letters and digits in one run from which on a text may be a key.
const KEY_RUN: usize = 28;
/// Starts of keys that services give out.
const KEY_STARTS: &[&str] = &[
    "sk-",
    "sk_",
    "pk_",
    "rk_",
    "ghp_",
    "gho_",
    "ghs_",
    "ghu_",
    "github_pat_",
    "glpat-",
    "xox",
    "akia",
    "asia",
    "aiza",
    "eyj",
    "hf_",
    "npm_",
    "pypi-",
    "ya29.",
    "bearer",
    "basic",
];
/// Domains at which anybody can have an address.
const FREE_MAIL: &[&str] = &[
    "126.com",
    "163.com",
    "aol.com",
    "bluewin.ch",
    "btinternet.com",
    "comcast.net",
    "duck.com",
    "fastmail.com",
    "fastmail.fm",
    "foxmail.com",
    "free.fr",
    "freenet.de",
    "gmail.com",
    "gmx.at",
    "gmx.ch",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hey.com",
    "hotmail.co.uk",
    "hotmail.com",
    "hotmail.de",
    "hotmail.fr",
    "hotmail.it",
    "hushmail.com",
    "icloud.com",
    "inbox.com",
    "interia.pl",
    "laposte.net",
    "libero.it",
    "live.com",
    "live.de",
    "live.fr",
    "live.nl",
    "mac.com",
    "mail.com",
    "mail.de",
    "mail.ru",
    "mailbox.org",
    "me.com",
    "msn.com",
    "naver.com",
    "o2.pl",
    "online.de",
    "orange.fr",
    "outlook.com",
    "outlook.de",
    "outlook.fr",
    "pm.me",
    "posteo.de",
    "privaterelay.appleid.com",
    "proton.me",
    "protonmail.ch",
    "protonmail.com",
    "qq.com",
    "rambler.ru",
    "rocketmail.com",
    "seznam.cz",
    "sfr.fr",
    "sina.com",
    "sky.com",
    "t-online.de",
    "tuta.com",
    "tuta.io",
    "tutanota.com",
    "verizon.net",
    "virgilio.it",
    "wanadoo.fr",
    "web.de",
    "wp.pl",
    "yahoo.co.jp",
    "yahoo.co.uk",
    "yahoo.com",
    "yahoo.de",
    "yahoo.es",
    "yahoo.fr",
    "yahoo.it",
    "yandex.com",
    "yandex.ru",
    "yeah.net",
    "ymail.com",
    "zoho.com",
];

/// Words that never leave: the login name of a person, and the name of their home folder.
#[derive(Clone, Debug, Default)]
pub(super) struct Private(Vec<String>);

impl Private {
    pub(super) fn new<'t>(words: impl IntoIterator<Item = &'t str>) -> Self {
        let words = words.into_iter().map(str::to_lowercase);
        Self(words.filter(|word| word.len() > 2).collect())
    }

    /// A text as it may leave: cut at `cap` bytes, in plain characters, or [`REDACTED`].
    pub(super) fn clean(&self, text: &str, cap: usize) -> String {
        let plain = |c: char| c.is_ascii_alphanumeric() || "@/._+:-".contains(c);
        let cleaned: String = text
            .trim()
            .chars()
            .take(cap)
            .map(|c| if plain(c) { c } else { '-' })
            .collect();
        // What was cleaned may say what the text did not: a space that became a dash.
        let is_private =
            |text: &str| is_secret(text) || is_address(text) || self.names_someone(text);
        if cleaned.is_empty() || is_private(text) || is_private(&cleaned) {
            return REDACTED.to_owned();
        }
        cleaned
    }

    fn names_someone(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        let letters =
            |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).collect() };
        let squeezed = letters(&text);
        self.0.iter().any(|word| {
            if word.len() > 4 {
                let squeezed_word = letters(word);
                text.contains(word)
                    || (squeezed_word.len() > 4 && squeezed.contains(&squeezed_word))
            } else {
                let mut tokens = text.split(|c: char| !c.is_alphanumeric());
                tokens.any(|token| token == word)
            }
        })
    }
}

/// Whether a text has the looks of a key or a token.
pub(super) fn is_secret(text: &str) -> bool {
    let text = text.trim();
    let lower: String = text.chars().take(16).collect::<String>().to_lowercase();
    if text.len() >= 16 && KEY_STARTS.iter().any(|start| lower.starts_with(start)) {
        return true;
    }
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .any(|run| {
            let has = |test: fn(&u8) -> bool| run.as_bytes().iter().any(test);
            run.len() >= KEY_RUN && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic)
        })
}

/// Whether there is something like an address of electronic mail in a text.
fn is_address(text: &str) -> bool {
    text.match_indices('@').any(|(place, _)| {
        let before = text
            .get(..place)
            .and_then(|before| before.chars().next_back());
        let domain = text.get(place.saturating_add(1)..).unwrap_or_default();
        let is_version = domain.starts_with(|c: char| c.is_ascii_digit())
            || domain.starts_with("latest")
            || domain.starts_with("next");
        let end = domain
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '-')
            .unwrap_or(domain.len());
        before.is_some_and(|c| c != '/')
            && !is_version
            && domain.get(..end).is_some_and(|domain| domain.contains('.'))
    })
}

/// The domain of an address, lower case; the user part is dropped here.
pub(super) fn domain_of(address: &str) -> Option<String> {
    let (user, domain) = address.trim().rsplit_once('@')?;
    let domain = domain.to_ascii_lowercase();
    let labels_fit = domain.split('.').all(|label| {
        let plain = label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        !label.is_empty() && label.len() <= 63 && plain
    });
    (!user.is_empty() && domain.contains('.') && domain.len() <= MAX_PACKAGE && labels_fit)
        .then_some(domain)
}

/// Whether anybody can have an address at a domain.
pub(super) fn is_free_mail(domain: &str) -> bool {
    FREE_MAIL.binary_search(&domain).is_ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_and_addresses_do_not_leave() {
        let private = Private::new(["ann", "kowalska", "x", "jan-novak"]);
        for text in [
            "sk-proj-abcdefghijklmnop",
            "ghp_0123456789abcdefghij",
            "AKIAIOSFODNN7EXAMPLE",
            "a0123456789012345678901234567890b",
            "someone@corp.example",
            "mcp-for-ann",
            "notes-of-Kowalska",
            "jan novak",
            "JanNovak2",
            "KOWALSKAS",
            "",
            "   ",
        ] {
            assert_eq!(private.clean(text, 64), REDACTED, "{text}");
        }
        for text in [
            "planner",
            "@modelcontextprotocol/server-github",
            "a-package@1.2.3",
            "annotate",
            "x",
            "llama3.2:3b",
            "Meta-Llama-3.1-8B-Instruct-Q4_K_M",
        ] {
            assert_eq!(private.clean(text, 64), text);
        }
        assert_eq!(private.clean("my notes\n<b>", 64), "my-notes--b-");
    }

    #[test]
    fn of_an_address_the_domain_is_left() {
        assert_eq!(
            domain_of("a.b+c@Corp.Example").as_deref(),
            Some("corp.example")
        );
        assert_eq!(
            domain_of("\"a@b\"@corp.example").as_deref(),
            Some("corp.example")
        );
        for text in [
            "",
            "a",
            "@corp.example",
            "a@",
            "a@corp",
            "a@corp..example",
            "a@corp.example/x",
            "a@b c.example",
        ] {
            assert_eq!(domain_of(text), None, "{text}");
        }
    }

    #[test]
    fn free_mail_is_in_order() {
        assert!(FREE_MAIL.is_sorted());
        assert!(
            is_free_mail("gmail.com") && is_free_mail("zoho.com") && !is_free_mail("corp.example")
        );
    }

    proptest! {
        #[test]
        fn no_text_leaves_with_a_private_word_in_it(before in ".{0,8}", after in ".{0,8}", cap in 1_usize..80) {
            let private = Private::new(["kowalska"]);
            let text = format!("{before}KowalSka{after}");
            prop_assert_eq!(private.clean(&text, cap), REDACTED);
        }

        #[test]
        fn a_text_is_plain_and_short(text in ".{0,200}", cap in 8_usize..80) {
            let cleaned = Private::default().clean(&text, cap);
            prop_assert!(cleaned.len() <= cap && cleaned.is_ascii());
        }
    }
}
