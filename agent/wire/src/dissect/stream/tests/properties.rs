//! Any segmentation, order and duplication gives the same messages; any truncation gives no wrong one.

use proptest::prelude::*;
use proptest::sample::Index;

use super::conversations::{Conversation, all};
use super::{CLIENT, Connection};
use crate::testing::Hello;

/// Where to cut, in which order, and what to repeat.
#[derive(Clone, Debug)]
struct Plan {
    cuts: Vec<Index>,
    order: Vec<Index>,
    repeats: Vec<(Index, Index)>,
    /// A segment that overlaps its neighbours.
    overlap: Option<(Index, Index)>,
}

fn plan() -> impl Strategy<Value = Plan> {
    (
        prop::collection::vec(any::<Index>(), 0..24),
        prop::collection::vec(any::<Index>(), 0..24),
        prop::collection::vec((any::<Index>(), any::<Index>()), 0..4),
        prop::option::of((any::<Index>(), any::<Index>())),
    )
        .prop_map(|(cuts, order, repeats, overlap)| Plan {
            cuts,
            order,
            repeats,
            overlap,
        })
}

/// The segments of `bytes` as (start, end), in the order they are captured.
fn segments(bytes: &[u8], plan: &Plan) -> Vec<(usize, usize)> {
    let mut cuts: Vec<usize> = plan.cuts.iter().map(|cut| cut.index(bytes.len())).collect();
    cuts.extend([0, bytes.len()]);
    cuts.sort_unstable();
    cuts.dedup();
    let mut segments: Vec<_> = cuts.windows(2).map(|pair| (pair[0], pair[1])).collect();
    if let Some((a, b)) = plan.overlap {
        let (a, b) = (a.index(bytes.len()), b.index(bytes.len()));
        segments.push((a.min(b), a.max(b) + 1));
    }
    for (what, to) in &plan.repeats {
        let again = segments[what.index(segments.len())];
        segments.insert(to.index(segments.len()), again);
    }
    for (at, with) in plan.order.iter().enumerate() {
        let count = segments.len();
        segments.swap(at % count, with.index(count));
    }
    segments
}

fn play(connection: &mut Connection, conversation: &Conversation, segments: &[(usize, usize)]) {
    connection.ports.1 = conversation.port;
    for (start, end) in segments {
        connection.client(*start, &conversation.bytes[*start..*end]);
        assert!(connection.memory() < 160 * 1024, "{}", conversation.label);
    }
}

#[test]
fn every_conversation_in_one_segment() {
    for conversation in all() {
        let mut connection = Connection::new();
        play(
            &mut connection,
            &conversation,
            &[(0, conversation.bytes.len())],
        );
        assert_eq!(
            connection.messages(),
            conversation.messages,
            "{}",
            conversation.label
        );
    }
}

#[test]
fn every_conversation_byte_by_byte() {
    for conversation in all() {
        let mut connection = Connection::new();
        let each: Vec<_> = (0..conversation.bytes.len())
            .map(|at| (at, at + 1))
            .collect();
        play(&mut connection, &conversation, &each);
        assert_eq!(
            connection.messages(),
            conversation.messages,
            "{}",
            conversation.label
        );
    }
}

#[test]
fn every_conversation_backwards() {
    for conversation in all() {
        let step = conversation.bytes.len().div_ceil(50);
        let starts = (0..conversation.bytes.len()).step_by(step);
        let each: Vec<_> = starts
            .map(|at| (at, (at + step).min(conversation.bytes.len())))
            .rev()
            .collect();
        let mut connection = Connection::new();
        play(&mut connection, &conversation, &each);
        assert_eq!(
            connection.messages(),
            conversation.messages,
            "{}",
            conversation.label
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn segmentation_order_and_repeats_change_nothing(which in any::<Index>(), plan in plan()) {
        let all = all();
        let conversation = &all[which.index(all.len())];
        let mut connection = Connection::new();
        play(&mut connection, conversation, &segments(&conversation.bytes, &plan));
        prop_assert_eq!(connection.finish(), &conversation.messages, "{}", conversation.label);
        prop_assert_eq!(connection.seen.count("stream_overlap_differs"), 0);
    }

    #[test]
    fn the_server_may_be_the_one_that_asks(which in any::<Index>(), plan in plan()) {
        let all = all();
        let conversation = &all[which.index(all.len())];
        let mut connection = Connection::new();
        connection.ports.0 = conversation.port;
        for (start, end) in segments(&conversation.bytes, &plan) {
            connection.server(start, &conversation.bytes[start..end]);
        }
        prop_assert_eq!(connection.finish(), &conversation.messages, "{}", conversation.label);
    }

    #[test]
    fn a_truncated_conversation_says_nothing_wrong(which in any::<Index>(), plan in plan(), end in any::<Index>()) {
        let all = all();
        let conversation = &all[which.index(all.len())];
        let end = end.index(conversation.bytes.len());
        let mut connection = Connection::new();
        let cut: Vec<_> = segments(&conversation.bytes, &plan)
            .into_iter()
            .filter(|(start, _)| *start < end)
            .map(|(start, stop)| (start, stop.min(end)))
            .collect();
        play(&mut connection, conversation, &cut);
        let seen = connection.finish();
        prop_assert!(seen.len() <= conversation.messages.len());
        for (seen, whole) in seen.iter().zip(&conversation.messages) {
            let part = seen.strip_suffix(" cut").unwrap_or(seen);
            prop_assert_eq!(part, *whole, "{}", conversation.label);
        }
    }

    #[test]
    fn frames_cut_by_the_snap_length_say_nothing_wrong(which in any::<Index>(), plan in plan(), lengths in prop::collection::vec(1_usize..400, 1..8)) {
        // A body or a frame that holds requests shows them when the head before it is lost.
        let mut all = all();
        all.retain(|conversation| !["requests", "websocket"].contains(&conversation.label));
        let conversation = &all[which.index(all.len())];
        let mut connection = Connection::new();
        connection.ports.1 = conversation.port;
        for (at, (start, end)) in segments(&conversation.bytes, &plan).into_iter().enumerate() {
            let captured = (end - start).min(lengths[at % lengths.len()]);
            connection.client_cut(start, &conversation.bytes[start..start + captured], end - start);
        }
        let mut whole = conversation.messages.iter();
        for seen in connection.finish() {
            let part = seen.strip_suffix(" cut").unwrap_or(seen);
            prop_assert!(whole.any(|message| *message == part), "{} {}", conversation.label, seen);
        }
    }

    #[test]
    fn a_hello_in_the_middle_of_a_capture_is_found(plan in plan(), small in any::<bool>()) {
        let hello = Hello::browser("claude.ai").records(if small { 400 } else { 9000 });
        let mut connection = Connection::mid_stream();
        for (start, end) in segments(&hello, &plan) {
            connection.client(start, &hello[start..end]);
        }
        prop_assert_eq!(connection.finish(), ["tls claude.ai"]);
    }

    #[test]
    fn noise_gives_no_message(noise in prop::collection::vec(any::<u8>(), 1..3000), plan in plan(), known in any::<bool>()) {
        let mut connection = if known { Connection::new() } else { Connection::mid_stream() };
        for (start, end) in segments(&noise, &plan) {
            connection.client(start, &noise[start..end]);
        }
        prop_assert!(connection.finish().is_empty());
    }

    #[test]
    fn bytes_that_came_first_count(at in any::<Index>(), length in 1_usize..200) {
        let hello = Hello::browser("first.example").records(9000);
        let other = Hello::browser("other.example").records(9000);
        let at = at.index(hello.len() - 200);
        let mut connection = Connection::new();
        // Both ends of it are held when the other bytes come.
        connection.client(at, &hello[at..at + length]);
        connection.client(0, &other[..at + length]);
        connection.client(at + length, &hello[at + length..]);
        connection.finish();
        let differ = other[at..at + length] != hello[at..at + length];
        prop_assert_eq!(connection.seen.count("stream_overlap_differs") > 0, differ);
        prop_assert_eq!(connection.seen.messages.len(), 1);
    }
}

#[test]
fn the_numbers_wrap_in_these_tests() {
    assert!(CLIENT.checked_add(400).is_none());
}
