//! What the agent may cost, and what it stops doing when it costs more.
//!
//! Work is shed in a stated order, one step for each look that finds the agent over its budget, and
//! taken up again one step at a time once it has stayed well below. What comes first is missed least:
//! traces on the disk are found again by the next scan; a look-up that is not made leaves a flow
//! without a program, where no event of the kernel told it.

use std::time::Duration;

/// Looks in a row below the budget before a step is taken back.
const QUIET_LOOKS: u32 = 6;
/// Share of the budget, in percent, that counts as well below it.
const WELL_BELOW: u64 = 80;

/// Work that can be shed, in the order in which it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Step {
    /// Nothing is shed.
    Everything,
    /// The machine is not scanned for AI tools.
    NoScans,
    /// Owners are not looked up in tables; what the kernel tells by itself is still taken.
    NoLookUps,
}

impl Step {
    const ORDER: [Self; 3] = [Self::Everything, Self::NoScans, Self::NoLookUps];

    fn next(self) -> Self {
        Self::ORDER
            .into_iter()
            .find(|step| *step > self)
            .unwrap_or(self)
    }

    fn before(self) -> Self {
        let earlier = Self::ORDER.into_iter().filter(|step| *step < self);
        earlier.max().unwrap_or(self)
    }

    /// What is not done, in words.
    pub(crate) const fn shed(self) -> &'static str {
        match self {
            Self::Everything => "nothing",
            Self::NoScans => "scans for AI tools on this machine",
            Self::NoLookUps => {
                "scans for AI tools, and looking up programs that the kernel did not tell of"
            }
        }
    }
}

/// What the process has used so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Used {
    /// Time on processors since it started.
    pub(crate) cpu: Duration,
    /// Resident memory now, in bytes.
    pub(crate) memory: u64,
}

/// Compares what is used with what may be used.
#[derive(Debug)]
pub(crate) struct Budget {
    cpu_percent: u32,
    memory_bytes: u64,
    before: Option<(Duration, Duration)>,
    quiet: u32,
    step: Step,
    why: Option<String>,
}

impl Budget {
    pub(crate) const fn new(cpu_percent: u32, memory_bytes: u64) -> Self {
        Self {
            cpu_percent,
            memory_bytes,
            before: None,
            quiet: 0,
            step: Step::Everything,
            why: None,
        }
    }

    /// Takes what was used until `now`, a time of any origin; the processor's share is that since the look
    /// before.
    pub(crate) fn look(&mut self, now: Duration, used: Used) -> Step {
        let (earlier, cpu) = self
            .before
            .replace((now, used.cpu))
            .unwrap_or((now, used.cpu));
        let passed = now.saturating_sub(earlier).as_millis();
        let busy = used.cpu.saturating_sub(cpu).as_millis();
        let permille = u64::try_from(busy.saturating_mul(1_000).checked_div(passed).unwrap_or(0))
            .unwrap_or(u64::MAX);
        let allowed = u64::from(self.cpu_percent).saturating_mul(10);
        let over = if permille > allowed {
            Some(format!(
                "{}.{} % of a core instead of {} %",
                permille / 10,
                permille % 10,
                self.cpu_percent
            ))
        } else if used.memory > self.memory_bytes {
            Some(format!(
                "{} of memory instead of {}",
                crate::text::bytes(used.memory),
                crate::text::bytes(self.memory_bytes)
            ))
        } else {
            None
        };
        let is_low = |value: u64, most: u64| value <= most.saturating_mul(WELL_BELOW) / 100;
        if let Some(why) = over {
            self.quiet = 0;
            self.step = self.step.next();
            self.why = Some(why);
        } else if is_low(permille, allowed) && is_low(used.memory, self.memory_bytes) {
            self.quiet = self.quiet.saturating_add(1);
            if self.quiet >= QUIET_LOOKS && self.step > Step::Everything {
                self.quiet = 0;
                self.step = self.step.before();
            }
        } else {
            self.quiet = 0;
        }
        self.step
    }

    /// Why work is shed and which, while some is.
    pub(crate) fn problem(&self) -> Option<String> {
        if self.step == Step::Everything {
            return None;
        }
        let why = self.why.as_deref().unwrap_or("too much");
        Some(format!(
            "the agent used {why}; not done for now: {}",
            self.step.shed()
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    /// Looks each minute at a process that is so many percent busy.
    fn looks(budget: &mut Budget, percents: &[u32], memory: u64) -> Vec<Step> {
        let (mut now, mut cpu) = budget.before.unwrap_or_default();
        let mut steps = Vec::new();
        for percent in percents {
            now += MINUTE;
            cpu += MINUTE * *percent / 100;
            steps.push(budget.look(now, Used { cpu, memory }));
        }
        steps
    }

    #[test]
    fn work_is_shed_in_order_and_taken_up_again_slowly() {
        let mut budget = Budget::new(5, 200 << 20);
        assert_eq!(budget.look(MINUTE, Used::default()), Step::Everything);
        assert_eq!(looks(&mut budget, &[1, 4, 5], 1), [Step::Everything; 3]);
        assert_eq!(budget.problem(), None);
        let shed = looks(&mut budget, &[9, 9, 50], 1);
        assert_eq!(shed, [Step::NoScans, Step::NoLookUps, Step::NoLookUps]);
        let said = budget.problem().unwrap();
        assert!(said.contains("50.0 % of a core instead of 5 %"), "{said}");
        // Just below the budget nothing is taken up: it would be shed again at once.
        assert_eq!(looks(&mut budget, &[5; 20], 1), [Step::NoLookUps; 20]);
        let taken_up = looks(&mut budget, &[1; 12], 1);
        assert_eq!(taken_up[4..6], [Step::NoLookUps, Step::NoScans]);
        assert_eq!(taken_up.last(), Some(&Step::Everything));
        assert_eq!(budget.problem(), None);
    }

    #[test]
    fn memory_counts_as_well() {
        let mut budget = Budget::new(5, 64 << 20);
        assert_eq!(looks(&mut budget, &[1], 65 << 20), [Step::NoScans]);
        assert!(budget.problem().unwrap().contains("65"));
        assert_eq!(looks(&mut budget, &[1; 3], 63 << 20), [Step::NoScans; 3]);
    }
}
