//! A thousand programs that live for moments, one after another.

use std::time::Instant;

use flow::{SocketEvent, SocketOwner};
use host::sockets::{Backend, Sockets};

use crate::support::{answer, curl, events, inside, listener, now, open, tcp};

const PROGRAMS: u32 = 1000;

/// How often one way of asking was right, and how often it did not know.
#[derive(Default, Debug)]
struct Score {
    right: u32,
    unknown: u32,
}

impl Score {
    fn note(&mut self, owner: Result<&SocketOwner, &str>, pid: u32) {
        let Ok(owner) = owner else {
            self.unknown += 1;
            return;
        };
        assert_eq!(owner.process.pid, pid, "the wrong process");
        assert_eq!(owner.process.name, "curl");
        assert_eq!(
            owner.process.parents.first().unwrap().pid,
            std::process::id()
        );
        self.right += 1;
    }
}

#[test]
fn nearly_all_are_named_and_none_wrongly() {
    let test = "thousand::nearly_all_are_named_and_none_wrongly";
    if !inside(test) {
        return;
    }
    let mut kernel = events(test);
    let mut asked: Vec<(Backend, Sockets, Score, Score)> = [Backend::SockDiag, Backend::Procfs]
        .map(|best| (best, open(best).0, Score::default(), Score::default()))
        .into();
    let (server, at) = listener("127.0.0.1");
    let mut score = Score::default();
    let begun = Instant::now();
    for number in 0..PROGRAMS {
        let mut child = curl(&[], at);
        let (stream, peer) = server.accept().unwrap();
        let started = now();
        // Every second one is asked for while it waits, the others when they are gone.
        let alive = number % 2 == 0;
        for (_, sockets, while_alive, _) in asked.iter_mut().filter(|_| alive) {
            let owner = sockets.owner(&tcp(peer, at), started, now());
            while_alive.note(owner.as_ref().map_err(|reason| *reason), child.id());
        }
        answer(stream);
        assert!(child.wait().unwrap().success());
        for (_, sockets, _, when_gone) in asked.iter_mut().filter(|_| !alive) {
            let owner = sockets.owner(&tcp(peer, at), started, now());
            when_gone.note(owner.as_ref().map_err(|reason| *reason), child.id());
        }
        // A port may be used again by a later program, so each is asked for at once.
        let mut opened = None;
        if let Some(sockets) = &mut kernel {
            sockets.poll(&mut |event| {
                if let SocketEvent::Opened { tuple, owner, .. } = event
                    && tuple == tcp(peer, at)
                {
                    opened = Some(owner);
                }
            });
        }
        score.note(opened.as_ref().ok_or("no event"), child.id());
    }
    println!(
        "{PROGRAMS} programs in {:.1} s",
        begun.elapsed().as_secs_f32()
    );
    for (best, _, while_alive, when_gone) in &asked {
        println!(
            "{}: while it waits {while_alive:?}, gone {when_gone:?}",
            best.as_str()
        );
        assert_eq!(when_gone.right, 0);
    }
    if kernel.is_some() {
        println!("ebpf: {score:?}");
        assert!(score.right * 100 >= PROGRAMS * 99, "{score:?}");
    }
}
