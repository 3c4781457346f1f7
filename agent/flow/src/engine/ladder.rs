//! The ladder of one flow: `resolved` until something came back, `contacted` with a handshake,
//! `used` with an exchange. It never overstates, and never goes down.

use signatures::Surface;

use super::thresholds::{UNANSWERED_QUIC, used};
use crate::finding::{Stage, StageLimit};
use crate::key::TransportProtocol;

/// How the client named the service on this flow.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Opening {
    /// Asked a proxy for a connection to it.
    Connect,
    /// Named it in a handshake.
    Handshake,
    /// Sent it a request in the clear that only reads.
    Request,
    /// Sent it a request in the clear that carries something.
    RequestWithContent,
}

/// What the ladder is read from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exchange {
    pub(super) surface: Surface,
    pub(super) transport: TransportProtocol,
    pub(super) opening: Opening,
    /// Payload that the client sent after it named the service.
    pub(super) out: u64,
    /// Payload that came back since.
    pub(super) back: u64,
    /// Whether packets of both sides were seen.
    pub(super) both_sides: bool,
}

/// The stage that `exchange` shows.
pub(super) fn stage_of(exchange: &Exchange) -> Stage {
    if !is_contact(exchange) {
        return Stage::Resolved;
    }
    if exchange.both_sides && is_use(exchange) {
        Stage::Used
    } else {
        Stage::Contacted
    }
}

/// Why the stage could not be higher.
pub(super) fn limit_of(exchange: &Exchange) -> Option<StageLimit> {
    (!exchange.both_sides).then_some(StageLimit::OneDirection)
}

fn is_contact(exchange: &Exchange) -> bool {
    let unanswered = match exchange.transport {
        // The client sends nothing more over TLS before the server has answered.
        TransportProtocol::Tcp => 0,
        TransportProtocol::Udp => UNANSWERED_QUIC,
    };
    match exchange.opening {
        Opening::Connect => exchange.back > 0 && exchange.out > 0,
        Opening::Handshake if exchange.both_sides => exchange.back > 0,
        Opening::Handshake => exchange.back > 0 || exchange.out > unanswered,
        Opening::Request | Opening::RequestWithContent => exchange.back > 0,
    }
}

fn is_use(exchange: &Exchange) -> bool {
    match exchange.opening {
        Opening::RequestWithContent => {
            exchange.back > 0 && used(exchange.surface, exchange.transport).is_some()
        }
        Opening::Request => false,
        Opening::Connect | Opening::Handshake => used(exchange.surface, exchange.transport)
            .is_some_and(|least| exchange.out >= least.out && exchange.back >= least.back),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn over_tls(surface: Surface, out: u64, back: u64) -> Exchange {
        Exchange {
            surface,
            transport: TransportProtocol::Tcp,
            opening: Opening::Handshake,
            out,
            back,
            both_sides: true,
        }
    }

    #[test]
    fn a_preconnect_is_contact_and_a_request_is_use() {
        assert_eq!(stage_of(&over_tls(Surface::Api, 0, 0)), Stage::Resolved);
        assert_eq!(
            stage_of(&over_tls(Surface::Api, 80, 1_358)),
            Stage::Contacted
        );
        assert_eq!(
            stage_of(&over_tls(Surface::Api, 189, 2_127)),
            Stage::Contacted
        );
        assert_eq!(stage_of(&over_tls(Surface::Api, 780, 2_151)), Stage::Used);
        assert_eq!(
            stage_of(&over_tls(Surface::Web, 740, 2_127)),
            Stage::Contacted
        );
        assert_eq!(
            stage_of(&over_tls(Surface::Web, 9_000, 400_000)),
            Stage::Used
        );
    }

    #[test]
    fn telemetry_and_sign_in_are_never_use() {
        for surface in [Surface::Telemetry, Surface::Auth] {
            assert_eq!(
                stage_of(&over_tls(surface, 1 << 30, 1 << 30)),
                Stage::Contacted
            );
        }
    }

    #[test]
    fn one_direction_is_contact_at_most_and_says_so() {
        let one = Exchange {
            both_sides: false,
            ..over_tls(Surface::Api, 50_000, 0)
        };
        assert_eq!(stage_of(&one), Stage::Contacted);
        assert_eq!(limit_of(&one), Some(StageLimit::OneDirection));
        let back = Exchange {
            both_sides: false,
            ..over_tls(Surface::Api, 0, 50_000)
        };
        assert_eq!(stage_of(&back), Stage::Contacted);
        let blocked = Exchange {
            transport: TransportProtocol::Udp,
            out: 9_600,
            ..one
        };
        assert_eq!(stage_of(&blocked), Stage::Resolved);
    }

    #[test]
    fn a_proxy_that_refuses_is_no_contact() {
        let refused = Exchange {
            opening: Opening::Connect,
            ..over_tls(Surface::Api, 0, 92)
        };
        assert_eq!(stage_of(&refused), Stage::Resolved);
        let tunnelled = Exchange {
            out: 517,
            back: 1_500,
            ..refused
        };
        assert_eq!(stage_of(&tunnelled), Stage::Used);
    }

    #[test]
    fn a_prompt_to_a_local_runtime_is_use_once_it_is_answered() {
        let asked = Exchange {
            opening: Opening::RequestWithContent,
            ..over_tls(Surface::LocalRuntime, 0, 0)
        };
        assert_eq!(stage_of(&asked), Stage::Resolved);
        assert_eq!(stage_of(&Exchange { back: 39, ..asked }), Stage::Used);
        let listed = Exchange {
            opening: Opening::Request,
            back: 39,
            ..asked
        };
        assert_eq!(stage_of(&listed), Stage::Contacted);
    }
}
