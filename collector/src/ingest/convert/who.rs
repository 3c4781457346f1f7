//! Who did it: the program, its class and how that was found out.

use data_encoding::HEXLOWER;
use inventory::{
    Attribution, Client, ClientClass, Package, ParentProcess, ProcessIdentity, Timestamp,
};
use proto::v1;

use super::super::text::{clean, optional};
use super::{Refused, fixed};

pub(super) fn attribution(attribution: v1::Attribution) -> Result<Attribution, Refused> {
    let class = match attribution.client_class.as_str() {
        "" => ClientClass::Unknown,
        word => word.parse()?,
    };
    Ok(Attribution {
        quality: attribution.quality.parse()?,
        reason: clean(attribution.reason),
        process: attribution.process.map(process).transpose()?,
        client: Client {
            class,
            reason: clean(attribution.client_class_reason),
        },
        later_user: optional(attribution.later_user),
    })
}

fn process(process: v1::ProcessIdentity) -> Result<ProcessIdentity, Refused> {
    let started = Some(process.start_time_ns).filter(|nanos| *nanos > 0);
    let sha256 = match process.sha256.as_slice() {
        [] => None,
        bytes => Some(HEXLOWER.encode(&fixed::<32>("sha256", bytes)?)),
    };
    let package = (!process.package_kind.is_empty()).then(|| Package {
        kind: process.package_kind,
        name: clean(process.package_name),
    });
    Ok(ProcessIdentity {
        pid: process.pid,
        start_time: started.map(Timestamp::from_nanos),
        executable: clean(process.executable),
        name: clean(process.name),
        command: optional(process.command),
        sha256,
        package,
        container: optional(process.container),
        parents: process
            .parents
            .into_iter()
            .map(|parent| ParentProcess {
                pid: parent.pid,
                name: clean(parent.name),
            })
            .collect(),
    })
}
