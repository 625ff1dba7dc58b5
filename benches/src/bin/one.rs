//! Makes one call again and again: `one CALL WAY COUNT`.

use authing_bench::server::{SERVE, serve};
use authing_bench::subject::Subject;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match *arguments {
        [SERVE] => serve(),
        [call, way, count] => run(call, way, count.parse()?),
        _ => anyhow::bail!("one CALL WAY COUNT"),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn run(call: &str, way: &str, count: u32) -> anyhow::Result<()> {
    let (_server, subject) = Subject::with_server(call, way).await?;
    subject.repeat(count).await
}
