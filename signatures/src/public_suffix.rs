//! Zones under which anybody can get a name, so that no service may claim one as a whole.
//!
//! A short extract of the Public Suffix List (publicsuffix.org): the registries with several labels and the hosting
//! zones that appear around AI services. It guards the catalogue against a slip; it is no replacement for the list.

/// Registries: a single label is one too, without being listed.
const REGISTRIES: &[&str] = &[
    "ac.cn", "ac.id", "ac.il", "ac.in", "ac.jp", "ac.kr", "ac.nz", "ac.th", "ac.uk", "ac.za",
    "co.id", "co.il", "co.in", "co.jp", "co.ke", "co.kr", "co.nz", "co.th", "co.uk", "co.za",
    "com.ai", "com.ar", "com.au", "com.br", "com.cn", "com.co", "com.ec", "com.eg", "com.hk",
    "com.mx", "com.my", "com.ng", "com.pe", "com.ph", "com.pk", "com.pl", "com.py", "com.ru",
    "com.sa", "com.sg", "com.tr", "com.tw", "com.ua", "com.uy", "com.ve", "com.vn", "edu.au",
    "edu.cn", "edu.hk", "edu.in", "edu.sg", "edu.tw", "go.jp", "go.kr", "go.th", "gob.mx",
    "gov.au", "gov.br", "gov.cn", "gov.in", "gov.sg", "gov.uk", "govt.nz", "gv.at", "ltd.uk",
    "ne.jp", "net.ai", "net.au", "net.br", "net.cn", "net.in", "net.nz", "net.pl", "net.uk",
    "nhs.uk", "off.ai", "or.at", "or.jp", "or.kr", "org.ai", "org.au", "org.br", "org.cn",
    "org.hk", "org.in", "org.nz", "org.tw", "org.uk", "org.za", "plc.uk", "sch.uk", "web.id",
];

/// Hosting zones: each name below belongs to another customer.
const HOSTING: &[&str] = &[
    "appspot.com",
    "azure-api.net",
    "azureedge.net",
    "azurefd.net",
    "azurestaticapps.net",
    "azurewebsites.net",
    "b-cdn.net",
    "base44.app",
    "bitbucket.io",
    "blob.core.windows.net",
    "blogspot.com",
    "bolt.host",
    "cloudapp.azure.com",
    "cloudapp.net",
    "cloudflare.net",
    "cloudfront.net",
    "cloudfunctions.net",
    "codespot.com",
    "deno.dev",
    "duckdns.org",
    "edgekey.net",
    "edgeone.app",
    "edgeone.dev",
    "fastly.net",
    "firebaseapp.com",
    "fly.dev",
    "framer.app",
    "framer.website",
    "ghost.io",
    "gitbook.io",
    "github.dev",
    "github.io",
    "gitlab.io",
    "glitch.me",
    "googleapis.com",
    "googlecode.com",
    "gradio.live",
    "herokuapp.com",
    "hf.space",
    "kinsta.app",
    "koyeb.app",
    "lovable.app",
    "lovableproject.com",
    "manus.space",
    "medium.com",
    "modal.run",
    "mybluehost.me",
    "myshopify.com",
    "mystrikingly.com",
    "netlify.app",
    "ngrok-free.app",
    "ngrok-free.dev",
    "ngrok.app",
    "ngrok.dev",
    "ngrok.io",
    "notion.site",
    "onrender.com",
    "pages.dev",
    "pythonanywhere.com",
    "r2.dev",
    "railway.app",
    "readthedocs.io",
    "repl.co",
    "replit.app",
    "replit.dev",
    "run.app",
    "s3.amazonaws.com",
    "streamlit.app",
    "streamlitapp.com",
    "substack.com",
    "supabase.co",
    "surge.sh",
    "trafficmanager.net",
    "translate.goog",
    "trycloudflare.com",
    "tumblr.com",
    "typeform.com",
    "up.railway.app",
    "v0.build",
    "vercel.app",
    "vercel.dev",
    "vusercontent.net",
    "web.app",
    "webflow.io",
    "webpubsub.azure.com",
    "weebly.com",
    "wixsite.com",
    "wordpress.com",
    "workers.dev",
    "zeabur.app",
];

/// Who may get a name under a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Zone {
    /// A registry: anybody; never an indicator.
    Registry,
    /// A hosting zone: any customer of its owner; an indicator only for the owner, and only when it says so.
    Hosting,
}

/// Tells whether `name` (lower case, no trailing dot) is such a zone as a whole.
pub(crate) fn zone_of(name: &str) -> Option<Zone> {
    if !name.contains('.') || REGISTRIES.binary_search(&name).is_ok() {
        return Some(Zone::Registry);
    }
    HOSTING
        .binary_search(&name)
        .is_ok()
        .then_some(Zone::Hosting)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted_so_that_they_can_be_searched() {
        assert!(REGISTRIES.is_sorted());
        assert!(
            HOSTING.is_sorted(),
            "{:?}",
            HOSTING.windows(2).find(|w| w[0] > w[1])
        );
    }

    #[test]
    fn tells_registries_hosting_and_own_names_apart() {
        assert_eq!(zone_of("ai"), Some(Zone::Registry));
        assert_eq!(zone_of("com.cn"), Some(Zone::Registry));
        assert_eq!(zone_of("hf.space"), Some(Zone::Hosting));
        assert_eq!(zone_of("github.io"), Some(Zone::Hosting));
        assert_eq!(zone_of("openai.com"), None);
    }
}
