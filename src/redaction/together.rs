//! Several texts at the same time: one on each core, with the answers in the order of the texts.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, sync_channel};

/// How many texts are read at the same time: one for each core, and few enough that their windows (about a mebibyte
/// each) take no memory that matters.
pub fn texts_at_once() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).clamp(1, 8)
}

/// Does `work` on every item, [`texts_at_once`] of them at the same time, and gives the answers to `take` in the order of
/// the items; none where the work broke. No thread begins another item before its last answer was taken, so that no more
/// answers than threads ever wait.
pub fn in_order<I: Sync, A: Send>(items: &[I], work: impl Fn(&I) -> A + Sync, mut take: impl FnMut(&I, Option<A>)) {
    let threads = texts_at_once().min(items.len());
    let work = &|item| catch_unwind(AssertUnwindSafe(|| work(item))).ok();
    if threads < 2 {
        return items.iter().for_each(|item| take(item, work(item)));
    }
    std::thread::scope(|scope| {
        let start = |first: usize| {
            let (give, answers) = sync_channel(0);
            scope.spawn(move || {
                for item in items.iter().skip(first).step_by(threads) {
                    if give.send(work(item)).is_err() {
                        return;
                    }
                }
            });
            answers
        };
        let answers: Vec<Receiver<Option<A>>> = (0..threads).map(start).collect();
        for (place, item) in items.iter().enumerate() {
            take(item, answers[place % threads].recv().ok().flatten());
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn answers_come_in_the_order_of_the_items() {
        let items: Vec<u64> = (0..40).collect();
        let mut seen = Vec::new();
        in_order(
            &items,
            |item| {
                std::thread::sleep(Duration::from_millis(item * 7 % 5));
                item * 2
            },
            |item, answer| seen.push((*item, answer)),
        );
        assert_eq!(seen, items.iter().map(|item| (*item, Some(item * 2))).collect::<Vec<_>>());
    }

    #[test]
    fn one_work_that_breaks_is_one_answer_less() {
        let mut answers = Vec::new();
        in_order(&[0, 7, 2], |place: &usize| [10, 20, 30][*place], |_, answer| answers.push(answer));
        assert_eq!(answers, [Some(10), None, Some(30)]);
    }
}
