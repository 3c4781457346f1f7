//! The collector's own CA: it signs the server's certificate and those of the
//! sensors, and nothing else trusts it.
//!
//! In the data folder:
//!
//! | file | mode | what |
//! |---|---|---|
//! | `ca/ca.key` | 0600 | private key, PKCS #8 in PEM |
//! | `ca/ca.pem` | 0600 | certificate |
//! | `ca.pem` | 0644 | copy of the certificate, for whoever has to trust it |
//!
//! Key and certificate come into being together by renaming their folder: of
//! two programs that start at the same time on a new data folder one wins, and
//! the other uses what that one made.

use std::fmt;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use data_encoding::HEXLOWER;
use inventory::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PublicKeyData, SanType, SerialNumber,
};
use ring::digest;
use ring::rand::{SecureRandom, SystemRandom};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use super::files::{self, Readers};

const DAY: Duration = Duration::from_secs(24 * 3600);
/// Ten years: a new CA means that every agent enrols again.
const CA_LIFETIME: Duration = Duration::from_secs(10 * 365 * 24 * 3600);
/// The server's certificate is valid from a day before it is made, for agents
/// whose clocks are behind.
const SERVER_BACKDATE: Duration = DAY;
/// A sensor's is checked by the clock that dated it, which at most is set a
/// little. Agents renew by the share of its life that is over, so this may be
/// a small part of it only.
const CLIENT_BACKDATE: Duration = Duration::from_secs(300);
const CLIENT_BACKDATE_SHARE: u32 = 20;
/// Positive and unguessable, and within the 20 bytes of RFC 5280, 4.1.2.2.
const SERIAL_BYTES: usize = 16;
const COMMON_NAME: &str = "Gnomon collector CA";

/// A certificate that the CA has signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// The certificate.
    pub der: CertificateDer<'static>,
    /// Its serial number, lower-case hex.
    pub serial: String,
    /// When it ends.
    pub not_after: Timestamp,
}

/// The CA, ready to sign.
pub struct Authority {
    certificate: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
    not_after: Timestamp,
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority")
            .field("fingerprint", &self.fingerprint())
            .finish_non_exhaustive()
    }
}

impl Authority {
    /// Opens the CA in `data_dir`, and makes one if there is none.
    ///
    /// # Errors
    ///
    /// When its files cannot be read or written, or are not a CA's.
    pub fn open(data_dir: &Path, now: Timestamp) -> Result<Self> {
        let folder = data_dir.join("ca");
        if !folder.exists() {
            create(data_dir, &folder, now)
                .with_context(|| format!("make a CA in {}", data_dir.display()))?;
        }
        let authority =
            Self::load(&folder).with_context(|| format!("read the CA in {}", folder.display()))?;
        authority.publish(data_dir)?;
        Ok(authority)
    }

    fn load(folder: &Path) -> Result<Self> {
        let key = fs::read_to_string(folder.join("ca.key")).context("ca.key")?;
        let key = KeyPair::from_pem(&key).context("ca.key is not a private key")?;
        let pem = fs::read(folder.join("ca.pem")).context("ca.pem")?;
        let certificate = CertificateDer::from_pem_slice(&pem)
            .map_err(|error| anyhow!("ca.pem is not a certificate: {error}"))?;
        let facts =
            super::certificate::read(&certificate).context("ca.pem is not a certificate")?;
        anyhow::ensure!(
            facts.public_key == key.subject_public_key_info(),
            "ca.key does not belong to ca.pem"
        );
        let issuer = Issuer::from_ca_cert_der(&certificate, key)?;
        Ok(Self {
            certificate,
            issuer,
            not_after: facts.not_after,
        })
    }

    /// Copies the certificate to where it may be read by others.
    fn publish(&self, data_dir: &Path) -> Result<()> {
        let path = data_dir.join("ca.pem");
        let pem = pem("CERTIFICATE", &self.certificate);
        if fs::read(&path).is_ok_and(|present| present == pem.as_bytes()) {
            return Ok(());
        }
        files::write(&path, pem.as_bytes(), Readers::Everybody)
            .with_context(|| format!("write {}", path.display()))
    }

    /// The CA's own certificate.
    #[must_use]
    pub fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// SHA-256 of the certificate, lower-case hex: how agents know this CA.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        HEXLOWER.encode(digest::digest(&digest::SHA256, &self.certificate).as_ref())
    }

    /// Signs a sensor's key. The name in the certificate is the sensor's id:
    /// whoever presents it is that sensor.
    ///
    /// # Errors
    ///
    /// When the system has no randomness to give.
    pub fn issue_client(
        &self,
        key: &impl PublicKeyData,
        sensor: &str,
        now: Timestamp,
        lifetime: Duration,
    ) -> Result<Issued> {
        let backdate = CLIENT_BACKDATE.min(lifetime / CLIENT_BACKDATE_SHARE);
        let terms = Terms {
            name: sensor,
            alternative_names: Vec::new(),
            purpose: ExtendedKeyUsagePurpose::ClientAuth,
            not_before: now.saturating_sub(backdate),
            not_after: now.saturating_add(lifetime),
        };
        self.issue(key, terms)
    }

    /// Signs the key of the collector's own server.
    ///
    /// # Errors
    ///
    /// When the system has no randomness to give.
    pub fn issue_server(
        &self,
        key: &impl PublicKeyData,
        names: Vec<SanType>,
        now: Timestamp,
        lifetime: Duration,
    ) -> Result<Issued> {
        let terms = Terms {
            name: "Gnomon collector",
            alternative_names: names,
            purpose: ExtendedKeyUsagePurpose::ServerAuth,
            not_before: now.saturating_sub(SERVER_BACKDATE),
            not_after: now.saturating_add(lifetime),
        };
        self.issue(key, terms)
    }

    fn issue(&self, key: &impl PublicKeyData, terms: Terms<'_>) -> Result<Issued> {
        let not_after = terms.not_after.min(self.not_after);
        let (serial_number, serial) = random_serial()?;
        let mut params = CertificateParams::default();
        params.serial_number = Some(serial_number);
        let epoch = rcgen::date_time_ymd(1970, 1, 1);
        params.not_before = epoch + since_1970(terms.not_before);
        params.not_after = epoch + since_1970(not_after);
        params.distinguished_name = common_name(terms.name);
        params.subject_alt_names = terms.alternative_names;
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![terms.purpose];
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(key, &self.issuer)?;
        let not_after = whole_seconds(not_after);
        Ok(Issued {
            der: certificate.der().clone(),
            serial,
            not_after,
        })
    }
}

/// What a certificate is to say.
struct Terms<'a> {
    name: &'a str,
    alternative_names: Vec<SanType>,
    purpose: ExtendedKeyUsagePurpose,
    not_before: Timestamp,
    not_after: Timestamp,
}

/// Makes key and certificate beside their place, then moves both there at once.
fn create(data_dir: &Path, folder: &Path, now: Timestamp) -> Result<()> {
    files::create_private_folder(data_dir)?;
    let draft = data_dir.join(format!(".ca.{}.tmp", uuid::Uuid::new_v4().simple()));
    files::create_private_folder(&draft)?;
    let result = fill(&draft, now).and_then(|()| Ok(fs::rename(&draft, folder)?));
    if let Err(error) = result {
        fs::remove_dir_all(&draft).unwrap_or_default();
        // Somebody else was faster: theirs is the CA.
        return if folder.exists() { Ok(()) } else { Err(error) };
    }
    Ok(files::sync_folder(data_dir)?)
}

fn fill(folder: &Path, now: Timestamp) -> Result<()> {
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
    let mut params = CertificateParams::default();
    let (serial, _) = random_serial()?;
    params.serial_number = Some(serial);
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    params.not_before = epoch + since_1970(now.saturating_sub(SERVER_BACKDATE));
    params.not_after = epoch + since_1970(now.saturating_add(CA_LIFETIME));
    params.distinguished_name = common_name(COMMON_NAME);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let certificate = params.self_signed(&key)?;
    files::create(
        &folder.join("ca.key"),
        key.serialize_pem().as_bytes(),
        Readers::Owner,
    )?;
    let pem = pem("CERTIFICATE", certificate.der());
    files::create(&folder.join("ca.pem"), pem.as_bytes(), Readers::Owner)?;
    Ok(files::sync_folder(folder)?)
}

fn common_name(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

fn random_serial() -> Result<(SerialNumber, String)> {
    let mut bytes = [0; SERIAL_BYTES];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| anyhow!("the system gave no random bytes"))?;
    // Not negative, and no leading zero that an encoder would drop.
    let [first, ..] = &mut bytes;
    *first = (*first & 0x7f) | 0x40;
    Ok((SerialNumber::from_slice(&bytes), HEXLOWER.encode(&bytes)))
}

/// Certificates count in seconds.
fn whole_seconds(time: Timestamp) -> Timestamp {
    let second = 1_000_000_000;
    Timestamp::from_nanos(time.as_nanos().div_euclid(second).saturating_mul(second))
}

/// What is before 1970 counts as 1970.
fn since_1970(time: Timestamp) -> Duration {
    Duration::from_secs(u64::try_from(time.as_nanos()).unwrap_or_default() / 1_000_000_000)
}

/// RFC 7468.
pub(crate) fn pem(label: &str, der: &[u8]) -> String {
    let text = data_encoding::BASE64.encode(der);
    let mut lines = String::new();
    for line in text.as_bytes().chunks(64) {
        lines.push_str(&String::from_utf8_lossy(line));
        lines.push('\n');
    }
    format!("-----BEGIN {label}-----\n{lines}-----END {label}-----\n")
}
