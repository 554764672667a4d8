//! The program `registrar`: what can be asked of it says `registrar help`.

fn main() -> std::process::ExitCode {
    registrar::cli::run().into()
}
