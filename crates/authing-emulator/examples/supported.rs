//! Prints each operation of the v2 API, and whether the emulator has it: what `cargo xtask supported` writes down.
//!
//! A line is the operation and what it sends, with tabs between; `-` stands before what is refused, `=` before what is
//! no request.
#![allow(clippy::print_stdout, reason = "printing is what this example is for")]

fn main() -> Result<(), String> {
    for operation in authing_emulator::operations()? {
        let mut words = vec![operation.name];
        words.extend(operation.without_request.map(|what| format!("={what}")));
        for request in operation.requests {
            let mark = if request.emulated { "" } else { "-" };
            words.push(format!("{mark}{}", request.name));
        }
        println!("{}", words.join("\t"));
    }
    Ok(())
}
