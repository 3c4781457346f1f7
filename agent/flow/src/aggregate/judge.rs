//! From evidence to confidence: rules that a person can check by hand.
//!
//! The level is the lower one of how the service was recognised (named by the client: high; asked
//! for, inferred, or a trace or program on the device: medium) and of how well the indicator is founded; several kinds of evidence
//! that agree raise a weakly founded indicator by one. A shared service is medium at most.

use signatures::{Confidence as Grade, Specificity};

use crate::confidence::{Caveat, Confidence, Factor, Level};
use crate::finding::{EvidenceKind, StageLimit};

/// What the judgement rests on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grounds<'a> {
    /// Kind, grade of the indicator, and whether the indicator is a local request.
    pub(super) evidence: &'a [(EvidenceKind, Grade, bool)],
    pub(super) limit: Option<StageLimit>,
    pub(super) specificity: Specificity,
    /// Whether a shared host of the service was contacted as well.
    pub(super) supported: bool,
}

/// How sure a finding with these grounds is.
pub(super) fn judge(grounds: &Grounds<'_>) -> Confidence {
    let mut factors = Vec::new();
    let mut does_not_prove = Vec::new();
    let mut named = Level::Low;
    for (kind, _, is_local) in grounds.evidence {
        let (level, factor, caveats) = meaning_of(*kind, *is_local);
        named = named.max(level);
        factors.push(factor);
        does_not_prove.extend_from_slice(caveats);
    }
    let founded = grounds
        .evidence
        .iter()
        .map(|(_, grade, _)| *grade)
        .map(level_of)
        .max();
    let founded = founded.unwrap_or(Level::Low);
    factors.push(match founded {
        Level::High => Factor::VendorDocumented,
        Level::Medium => Factor::PubliclyListed,
        Level::Low => Factor::WeaklySourced,
    });
    let mut kinds: Vec<EvidenceKind> = grounds.evidence.iter().map(|(kind, ..)| *kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let agree = kinds.len() > 1;
    if agree {
        factors.push(Factor::SeveralKindsAgree);
    }
    let mut level = named.min(if agree { raised(founded) } else { founded });
    if grounds.supported {
        factors.push(Factor::SharedHostContacted);
    }
    if grounds.limit == Some(StageLimit::OneDirection) {
        factors.push(Factor::OneDirection);
    }
    if grounds.specificity == Specificity::Shared {
        level = level.min(Level::Medium);
        does_not_prove.push(Caveat::SharedHostIsNoUse);
    }
    if kinds.iter().any(|kind| is_contact(*kind)) {
        does_not_prove.retain(|caveat| {
            !matches!(
                caveat,
                Caveat::LookUpIsNoContact | Caveat::InstalledIsNoUse | Caveat::RunningIsNoUse
            )
        });
    }
    tidy(&mut factors);
    tidy(&mut does_not_prove);
    Confidence {
        level,
        factors,
        does_not_prove,
    }
}

fn tidy<T: Ord>(list: &mut Vec<T>) {
    list.sort_unstable();
    list.dedup();
}

/// Whether evidence of this kind comes from a connection: what it says of use goes before what a trace on
/// the device cannot say.
const fn is_contact(kind: EvidenceKind) -> bool {
    match kind {
        EvidenceKind::TlsSni
        | EvidenceKind::QuicSni
        | EvidenceKind::HttpHost
        | EvidenceKind::HttpConnect
        | EvidenceKind::DnsCorrelated
        | EvidenceKind::Behaviour => true,
        EvidenceKind::DnsQuery | EvidenceKind::Process | EvidenceKind::Artefact => false,
    }
}

const fn meaning_of(kind: EvidenceKind, is_local: bool) -> (Level, Factor, &'static [Caveat]) {
    const HANDSHAKE: &[Caveat] = &[Caveat::NameIsNoPrompt, Caveat::CoalescedConnection];
    const INFERRED: &[Caveat] = &[Caveat::NameIsNoPrompt, Caveat::NameWasInferred];
    const LOOK_UP: &[Caveat] = &[Caveat::LookUpIsNoContact, Caveat::ClientMayForward];
    match kind {
        EvidenceKind::TlsSni | EvidenceKind::QuicSni => {
            (Level::High, Factor::NamedInHandshake, HANDSHAKE)
        }
        EvidenceKind::HttpHost if is_local => (Level::High, Factor::LocalRequest, &[]),
        EvidenceKind::HttpHost | EvidenceKind::HttpConnect => (
            Level::High,
            Factor::NamedInRequest,
            &[Caveat::NameIsNoPrompt],
        ),
        EvidenceKind::DnsCorrelated => (Level::Medium, Factor::NameFromLookUp, INFERRED),
        EvidenceKind::DnsQuery => (Level::Medium, Factor::NameAskedFor, LOOK_UP),
        EvidenceKind::Process => (
            Level::Medium,
            Factor::ProgramRuns,
            &[Caveat::RunningIsNoUse],
        ),
        EvidenceKind::Artefact => (
            Level::Medium,
            Factor::TraceOnDevice,
            &[Caveat::InstalledIsNoUse],
        ),
        EvidenceKind::Behaviour => (Level::Low, Factor::TrafficShape, &[Caveat::NameIsNoPrompt]),
    }
}

const fn level_of(grade: Grade) -> Level {
    match grade {
        Grade::High => Level::High,
        Grade::Medium => Level::Medium,
        Grade::Low => Level::Low,
    }
}

const fn raised(level: Level) -> Level {
    match level {
        Level::Low => Level::Medium,
        Level::Medium | Level::High => Level::High,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(evidence: &[(EvidenceKind, Grade, bool)]) -> Confidence {
        judge(&Grounds {
            evidence,
            limit: None,
            specificity: Specificity::Exclusive,
            supported: false,
        })
    }

    #[test]
    fn a_documented_name_in_a_handshake_is_sure_but_proves_no_prompt() {
        let confidence = judged(&[(EvidenceKind::TlsSni, Grade::High, false)]);
        assert_eq!(confidence.level, Level::High);
        assert_eq!(
            confidence.factors,
            [Factor::NamedInHandshake, Factor::VendorDocumented]
        );
        let expected = [Caveat::NameIsNoPrompt, Caveat::CoalescedConnection];
        assert_eq!(confidence.does_not_prove, expected);
    }

    #[test]
    fn a_look_up_is_medium_and_contact_takes_its_first_caveat_away() {
        let alone = judged(&[(EvidenceKind::DnsQuery, Grade::High, false)]);
        assert_eq!(alone.level, Level::Medium);
        assert!(alone.does_not_prove.contains(&Caveat::LookUpIsNoContact));
        let both = judged(&[
            (EvidenceKind::DnsQuery, Grade::Medium, false),
            (EvidenceKind::TlsSni, Grade::Medium, false),
        ]);
        assert_eq!(both.level, Level::High);
        assert!(!both.does_not_prove.contains(&Caveat::LookUpIsNoContact));
    }

    #[test]
    fn a_trace_on_the_device_is_no_use_and_says_so() {
        let installed = judged(&[(EvidenceKind::Artefact, Grade::High, false)]);
        assert_eq!(installed.level, Level::Medium);
        assert_eq!(
            installed.factors,
            [Factor::TraceOnDevice, Factor::VendorDocumented]
        );
        assert_eq!(installed.does_not_prove, [Caveat::InstalledIsNoUse]);
        let running = judged(&[
            (EvidenceKind::Artefact, Grade::Medium, false),
            (EvidenceKind::Process, Grade::Medium, false),
        ]);
        assert_eq!(running.level, Level::Medium);
        let expected = [Caveat::InstalledIsNoUse, Caveat::RunningIsNoUse];
        assert_eq!(running.does_not_prove, expected);
        let asked_for = judged(&[
            (EvidenceKind::Artefact, Grade::Medium, false),
            (EvidenceKind::DnsQuery, Grade::Medium, false),
        ]);
        assert!(
            asked_for
                .does_not_prove
                .contains(&Caveat::LookUpIsNoContact)
        );
        let contacted = judged(&[
            (EvidenceKind::Artefact, Grade::Medium, false),
            (EvidenceKind::TlsSni, Grade::Medium, false),
        ]);
        assert_eq!(contacted.level, Level::High);
        let expected = [Caveat::NameIsNoPrompt, Caveat::CoalescedConnection];
        assert_eq!(contacted.does_not_prove, expected);
    }

    #[test]
    fn weak_indicators_and_shared_hosts_hold_back() {
        assert_eq!(
            judged(&[(EvidenceKind::TlsSni, Grade::Low, false)]).level,
            Level::Low
        );
        let shared = judge(&Grounds {
            evidence: &[(EvidenceKind::TlsSni, Grade::High, false)],
            limit: Some(StageLimit::OneDirection),
            specificity: Specificity::Shared,
            supported: false,
        });
        assert_eq!(shared.level, Level::Medium);
        assert!(shared.factors.contains(&Factor::OneDirection));
        assert!(shared.does_not_prove.contains(&Caveat::SharedHostIsNoUse));
    }
}
