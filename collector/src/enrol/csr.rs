//! What a sensor asks to have signed: of a PKCS #10 request (RFC 2986) only the
//! public key counts, and the proof that its sender holds the private one.

use rcgen::{PublicKeyData, SubjectPublicKeyInfo};
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::prelude::FromDer;

/// Requests larger than this are not read; one with a P-256 key has 250 bytes.
pub const MAX_CSR_BYTES: usize = 8 * 1024;

/// Why a request cannot be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CsrError {
    /// Larger than [`MAX_CSR_BYTES`].
    #[error("the certificate request is larger than {MAX_CSR_BYTES} bytes")]
    TooLarge,
    /// Not a request in DER.
    #[error("the certificate request is not PKCS #10 in DER")]
    Malformed,
    /// Its signature does not match its key.
    #[error("the signature of the certificate request is wrong")]
    BadSignature,
    /// A key of a kind that is not signed.
    #[error("the key is of a kind that is not signed; use ECDSA P-256, P-384 or Ed25519")]
    UnsupportedKey,
}

/// Reads the key that is to be certified. Subject, names and extensions that
/// the request asks for are ignored.
///
/// # Errors
///
/// When it is no request, or its sender does not prove to hold the key.
pub fn public_key(der: &[u8]) -> Result<SubjectPublicKeyInfo, CsrError> {
    if der.len() > MAX_CSR_BYTES {
        return Err(CsrError::TooLarge);
    }
    let Ok(([], request)) = X509CertificationRequest::from_der(der) else {
        return Err(CsrError::Malformed);
    };
    let info = &request.certification_request_info.subject_pki;
    let key = SubjectPublicKeyInfo::from_der(info.raw).map_err(|_| CsrError::UnsupportedKey)?;
    let supported = [
        &rcgen::PKCS_ECDSA_P256_SHA256,
        &rcgen::PKCS_ECDSA_P384_SHA384,
        &rcgen::PKCS_ED25519,
    ];
    if !supported.contains(&key.algorithm()) {
        return Err(CsrError::UnsupportedKey);
    }
    request
        .verify_signature()
        .map_err(|_| CsrError::BadSignature)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair};

    use super::*;

    fn csr(key: &KeyPair) -> Vec<u8> {
        CertificateParams::default()
            .serialize_request(key)
            .unwrap()
            .der()
            .to_vec()
    }

    #[test]
    fn takes_the_key_of_a_good_request() {
        for algorithm in [
            &rcgen::PKCS_ECDSA_P256_SHA256,
            &rcgen::PKCS_ECDSA_P384_SHA384,
            &rcgen::PKCS_ED25519,
        ] {
            let key = KeyPair::generate_for(algorithm).unwrap();
            let read = public_key(&csr(&key)).unwrap();
            assert_eq!(read.der_bytes(), key.der_bytes());
        }
    }

    #[test]
    fn refuses_a_request_that_was_changed() {
        let mut der = csr(&KeyPair::generate().unwrap());
        let last = der.len() - 1;
        der[last] ^= 1;
        assert_eq!(public_key(&der).unwrap_err(), CsrError::BadSignature);
    }

    #[test]
    fn refuses_what_is_no_request() {
        let der = csr(&KeyPair::generate().unwrap());
        let mut longer = der.clone();
        longer.push(0);
        for bytes in [
            &b""[..],
            b"0",
            b"\x30\x80\x00\x00",
            &der[..der.len() - 1],
            &longer,
        ] {
            assert_eq!(public_key(bytes).unwrap_err(), CsrError::Malformed);
        }
        assert_eq!(
            public_key(&vec![0x30; MAX_CSR_BYTES + 1]).unwrap_err(),
            CsrError::TooLarge
        );
    }
}
