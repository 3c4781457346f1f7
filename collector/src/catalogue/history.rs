//! Reads kept evidence again when the catalogue has changed.
//!
//! | what was kept | the sighting |
//! |---|---|
//! | something of it still belongs to the service it was reported for | stays as reported |
//! | else something belongs to another service that is reported | moves there |
//! | else the catalogue knows the service it was reported for | no longer matches, and says so |
//! | else (an agent's own service, or one that a newer catalogue had) | stays as reported |
//!
//! What was reported with a catalogue of a later day than this one stays as reported, too: this one knows less.
//!
//! A name is looked up again. Local requests, processes and artefacts are read by [`Traces`].

use std::sync::Arc;
use std::time::Duration;

use inventory::{KeptEvidence, KeptSighting, Reading};
use signatures::{Catalogue, Match, Service, Specificity};
use store::Store;

use super::Live;
use super::traces::{self, Traces};

/// Sightings that are read again in one piece; between two pieces others may write.
const PIECE: u32 = 500;
/// Wait between two pieces.
const PAUSE: Duration = Duration::from_millis(20);
/// How often it is looked for sightings that came from agents with another catalogue.
const LOOK_INTERVAL: Duration = Duration::from_secs(60);
/// Evidence of the shape of traffic: nothing is kept of it that could be read.
const BEHAVIOUR: &str = "behaviour";
/// Length of the day that a version starts with.
const DAY_LENGTH: usize = "2026.11.20".len();

/// What a catalogue says about one observation.
enum Said<'c, 'n> {
    /// A name that it knows.
    Name(Match<'c, 'n>),
    /// Services that have the indicator; more than that cannot be told.
    Trace(&'c [&'c Service]),
    /// Nothing that is reported.
    Nothing,
    /// Too little was kept to ask.
    CannotTell,
}

/// What `catalogue` says about a kept sighting; `traces` are its own.
#[must_use]
pub fn reading(catalogue: &Catalogue, traces: &Traces<'_>, kept: &KeptSighting) -> Reading {
    if kept.catalogue_version.get(..DAY_LENGTH) > catalogue.version().get(..DAY_LENGTH) {
        return Reading::AsReported;
    }
    let mut any = false;
    let mut same = None;
    let mut other = None;
    for one in kept.evidence.iter().filter(|one| one.kind != BEHAVIOUR) {
        any = true;
        match said(catalogue, traces, one) {
            Said::Name(found) if found.service.id.as_str() != kept.service => {
                other.get_or_insert_with(|| moved(&found));
            }
            Said::Name(found)
                if found.surface.as_str() == kept.surface
                    && found.tenant.as_deref() == kept.tenant.as_deref() =>
            {
                return Reading::AsReported;
            }
            // Another surface or tenant of the same service is a correction, too.
            Said::Name(found) => {
                same.get_or_insert_with(|| moved(&found));
            }
            Said::Trace([only]) if only.id.as_str() != kept.service => {
                other.get_or_insert_with(|| Reading::Moved {
                    service: only.id.to_string(),
                    surface: kept.surface.clone(),
                    tenant: None,
                });
            }
            Said::Trace(_) | Said::CannotTell => return Reading::AsReported,
            Said::Nothing => {}
        }
    }
    match same.or(other) {
        Some(reading) => reading,
        None if any && catalogue.service(&kept.service).is_some() => Reading::NoLongerMatches,
        None => Reading::AsReported,
    }
}

fn moved(found: &Match<'_, '_>) -> Reading {
    Reading::Moved {
        service: found.service.id.to_string(),
        surface: found.surface.to_string(),
        tenant: found.tenant.as_deref().map(Into::into),
    }
}

fn said<'c, 'n>(
    catalogue: &'c Catalogue,
    traces: &'c Traces<'c>,
    one: &'n KeptEvidence,
) -> Said<'c, 'n> {
    if is_name(&one.kind) && !traces::is_request(&one.indicator) {
        return find(catalogue, &one.value).map_or(Said::Nothing, Said::Name);
    }
    match traces.owners(&one.indicator) {
        Some(owners) => Said::Trace(owners),
        None if traces::is_whole(&one.indicator) => Said::Nothing,
        None => Said::CannotTell,
    }
}

/// Whether evidence of this kind is a host name that the catalogue matched.
fn is_name(kind: &str) -> bool {
    let kinds = [
        "tls_sni",
        "quic_sni",
        "dns_query",
        "http_connect",
        "dns_correlated",
        "http_host",
    ];
    kinds.contains(&kind)
}

/// What a catalogue makes of an observed value, if that is a name: the service that it is reported for.
#[must_use]
pub fn service_of<'c>(catalogue: &'c Catalogue, kind: &str, value: &str) -> Option<&'c str> {
    let found = find(catalogue, value).filter(|_| is_name(kind))?;
    Some(found.service.id.as_str())
}

/// The service of an observed name, unless it is one that is never reported. A target of CONNECT has its port.
fn find<'c, 'n>(catalogue: &'c Catalogue, value: &'n str) -> Option<Match<'c, 'n>> {
    let host = value.rsplit_once(':').map_or(value, |(host, _)| host);
    let found = catalogue.matcher().match_name(host.as_bytes())?;
    (found.specificity != Specificity::ThirdPartyDependency).then_some(found)
}

/// Reads again whatever was not read with the running catalogue yet, until the task is dropped.
pub async fn keep_up(live: Arc<Live>, store: Arc<dyn Store>) {
    let mut changes = live.changes();
    loop {
        changes.mark_unchanged();
        let catalogue = live.catalogue();
        match read_all(&catalogue, &store).await {
            Ok(0) => {}
            Ok(changed) => {
                let version = catalogue.version();
                tracing::info!(changed, version, "kept sightings are re-evaluated");
            }
            Err(error) => tracing::warn!(%error, "kept sightings cannot be re-evaluated for now"),
        }
        drop(tokio::time::timeout(LOOK_INTERVAL, changes.changed()).await);
    }
}

async fn read_all(catalogue: &Arc<Catalogue>, store: &Arc<dyn Store>) -> anyhow::Result<u64> {
    let mut changed = 0_u64;
    loop {
        let (catalogue, store) = (Arc::clone(catalogue), Arc::clone(store));
        let piece = move || read_piece(&catalogue, store.as_ref());
        let (read, more) = tokio::task::spawn_blocking(piece).await??;
        changed = changed.saturating_add(more);
        if read == 0 {
            return Ok(changed);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Reads one piece; returns how many sightings were read, and how many are something else now.
///
/// # Errors
/// The store's state.
pub fn read_piece(catalogue: &Catalogue, store: &dyn Store) -> Result<(usize, u64), store::Error> {
    let kept = store.kept(catalogue.version(), PIECE)?;
    if kept.is_empty() {
        return Ok((0, 0));
    }
    let traces = Traces::of(catalogue);
    let readings: Vec<(KeptSighting, Reading)> = kept
        .into_iter()
        .map(|kept| {
            let reading = reading(catalogue, &traces, &kept);
            (kept, reading)
        })
        .collect();
    let changed = store.read_again(catalogue.version(), &readings)?;
    Ok((readings.len(), changed))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: &str = "2026.11.20+000000000000";

    fn kept(service: &str, surface: &str, values: &[(&str, &str)]) -> KeptSighting {
        let owned = |(kind, value): &(&str, &str)| KeptEvidence {
            kind: (*kind).to_owned(),
            value: (*value).to_owned(),
            indicator: (*value).to_owned(),
        };
        KeptSighting {
            id: 1,
            revision: 1,
            service: service.to_owned(),
            surface: surface.to_owned(),
            tenant: None,
            catalogue_version: DAY.to_owned(),
            evidence: values.iter().map(owned).collect(),
        }
    }

    fn read(kept: &KeptSighting) -> Reading {
        let catalogue = Catalogue::builtin();
        reading(catalogue, &Traces::of(catalogue), kept)
    }

    fn moved(service: &str, surface: &str, tenant: Option<&str>) -> Reading {
        Reading::Moved {
            service: service.to_owned(),
            surface: surface.to_owned(),
            tenant: tenant.map(str::to_owned),
        }
    }

    #[test]
    fn what_still_belongs_to_its_service_stays() {
        let values = [("dns_query", "claude.ai"), ("tls_sni", "api.openai.com")];
        assert_eq!(
            read(&kept("openai-api", "api", &values)),
            Reading::AsReported
        );
        let correlated = [("dns_correlated", "api.openai.com")];
        assert_eq!(
            read(&kept("openai-api", "api", &correlated)),
            Reading::AsReported
        );
    }

    #[test]
    fn what_belongs_to_another_service_surface_or_tenant_moves() {
        let values = [("tls_sni", "api.openai.com"), ("dns_query", "claude.ai")];
        let found = read(&kept("gone", "web", &values));
        assert_eq!(found, moved("openai-api", "api", None));
        let found = read(&kept("openai-api", "web", &values));
        assert_eq!(found, moved("openai-api", "api", None));
        let tenant = [("http_connect", "contoso.openai.azure.com:443")];
        let found = read(&kept("azure-openai", "api", &tenant));
        assert_eq!(found, moved("azure-openai", "api", Some("contoso")));
    }

    #[test]
    fn what_matches_nothing_says_so_unless_this_catalogue_cannot_know() {
        let values = [("tls_sni", "host.example")];
        assert_eq!(
            read(&kept("claude", "web", &values)),
            Reading::NoLongerMatches
        );
        assert_eq!(
            read(&kept("own-gateway", "api", &values)),
            Reading::AsReported
        );
        let mut later = kept("claude", "web", &values);
        later.catalogue_version = "2999.01.01+000000000000".to_owned();
        assert_eq!(read(&later), Reading::AsReported);
    }

    #[test]
    fn requests_and_traces_go_where_their_indicator_went() {
        let request = [("http_host", "local:POST /api/pull")];
        let ollama = kept("ollama", "local-runtime", &request);
        assert_eq!(read(&ollama), Reading::AsReported);
        let gone = kept("gone", "local-runtime", &request);
        assert_eq!(read(&gone), moved("ollama", "local-runtime", None));
        let unknown = [("process", "process:no-such-program")];
        assert_eq!(
            read(&kept("claude", "cli", &unknown)),
            Reading::NoLongerMatches
        );
        // Too little was kept to say so.
        let config = [("artefact", "artefact:mcp-server claude")];
        assert_eq!(read(&kept("claude", "mcp", &config)), Reading::AsReported);
        let host = [("http_host", "api.openai.com")];
        assert_eq!(
            read(&kept("gone", "api", &host)),
            moved("openai-api", "api", None)
        );
    }
}
