//! `allclear`: the command line. Everything is in the library; see `src/cli`.

fn main() -> std::process::ExitCode {
    allclear::cli::main()
}
