//! `allclear`: the command line. Everything is in the library; see `src/cli`.

/// Answers are made of many small strings, and several threads make them at once, which this allocator is made for.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    allclear::cli::main()
}
