//! What the command line takes.

use std::net::IpAddr;
use std::path::PathBuf;

xflags::xflags! {
    /// A local Authing to test against.
    ///
    /// It speaks Authing's GraphQL, REST and OpenID Connect, keeps real state in memory, and sends no mail: codes are
    /// in its outbox. Started without anything it makes up a user pool, prints its credentials as environment
    /// variables, and forgets all when it ends. There is a page to look at under the address that it prints.
    ///
    /// Examples:
    ///
    ///   authing-emulator --port 3000
    ///       For a project: the same address each time.
    ///
    ///   authing-emulator --port 3000 --seed authing.yaml
    ///       With users, roles and applications from a file. `authing-emulator schema` describes the file, and a line
    ///       `# yaml-language-server: $schema=seed.schema.json` makes editors help.
    ///
    ///   authing-emulator --port 3000 --state authing.json
    ///       Remembers everything from one start to the next.
    ///
    ///   authing-emulator --json --port 0
    ///       For programs: the first line of the output has the address and the credentials.
    ///
    ///   curl -X POST -H x-emulator-token:$AUTHING_EMULATOR_TOKEN $AUTHING_EMULATOR_URL/_emulator/reset
    ///       Everything as it was at the start, between two tests.
    cmd authing-emulator {
        /// Runs the emulator until Ctrl-C, SIGTERM or SIGHUP.
        default cmd serve {
            /// Listen on this port; 0 and no --port at all mean any free one.
            optional --port port: u16
            /// Listen on this address instead of 127.0.0.1.
            optional --address ip: IpAddr
            /// Allow an --address that other machines can reach: they can read every code and every user.
            optional --public
            /// Tell clients this address of the server instead of the one it listens at.
            optional --url url: String
            /// Begin with what this YAML or JSON file asks for.
            optional --seed file: PathBuf
            /// Draw all ids, secrets and codes from this number, so that every run is the same.
            optional --random-seed number: u64
            /// Begin with the state in this file, if it is there, and write it at the end.
            optional --state file: PathBuf
            /// Begin with the state in this file.
            optional --import file: PathBuf
            /// Write the state to this file at the end.
            optional --export file: PathBuf
            /// What changes over the control API have to show, instead of AUTHING_EMULATOR_TOKEN or something made up.
            optional --token text: String
            /// Also answer the control API and the page under this host name.
            repeated --allow-host name: String
            /// Let webhooks go to other machines.
            optional --webhooks-anywhere
            /// Allow more or less than by default, such as --limit steps=9000000; CONTROL.md has the names.
            repeated --limit limit: String
            /// Write lines of JSON: one when it is ready, one for each request.
            optional --json
            /// Write nothing about requests.
            optional -q, --quiet
            /// Print the version, and do nothing else.
            optional -V, --version
        }
        /// Asks an emulator whether it is well, and ends with 0 if so. For containers.
        cmd healthcheck {
            /// The port it listens on, on this machine. 3000 unless given.
            optional --port port: u16
        }
        /// Prints the JSON Schema of seed files.
        cmd schema { }
    }
}
