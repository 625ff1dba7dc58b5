//! A morning of an administrator: fields, roles and policies, twenty new users
//! from a list, questions about who may do what, a revocation, and a report.
//!
//! ```sh
//! cargo run --example administer
//! ```
//!
//! It runs against a local Authing that it starts itself.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, Write};

use authing::v2::policies::PolicyStatement;
use authing::v2::{
    CreateUserInput, ManagementClient, PolicyTargetType, UdfDataType, UdfTargetType, UdfValue,
    UpdateUserInput,
};
use authing_emulator::Emulator;

/// Username, full name, department, age: a list as another system exports it.
const NEWCOMERS: &str = include_str!("newcomers.csv");

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let emulator = Emulator::start()?;
    let client = ManagementClient::builder(emulator.user_pool_id(), emulator.secret())
        .host(emulator.url())
        .build()?;
    say(&format!("A local Authing at {}", emulator.url()))?;

    title("Custom fields, roles and policies")?;
    let fields = client.udf();
    fields
        .set(
            UdfTargetType::User,
            "department",
            UdfDataType::String,
            "Department",
        )
        .await?;
    fields
        .set(UdfTargetType::User, "age", UdfDataType::Number, "Age")
        .await?;
    client
        .roles()
        .create("reader")
        .description("Reads books")
        .await?;
    client
        .roles()
        .create("librarian")
        .description("Looks after books")
        .parent("reader")
        .await?;
    let policies = client.policies();
    policies
        .create(
            "read-books",
            [PolicyStatement::allow("book:*", ["book:read"])],
        )
        .await?;
    let care = [
        PolicyStatement::allow("book:*", ["book:write", "book:lend"]),
        PolicyStatement::deny("book:first-folio", ["book:lend"]),
    ];
    policies
        .create("look-after-books", care)
        .description("But the folio stays here")
        .await?;
    client
        .roles()
        .add_policies("reader", ["read-books"])
        .await?;
    client
        .roles()
        .add_policies("librarian", ["look-after-books"])
        .await?;
    for role in client.roles().list().await? {
        let parent = role
            .parent
            .map_or(String::new(), |parent| format!(", after {}", parent.code));
        say(&format!("role {}{parent}", role.code))?;
    }

    title("Import twenty users")?;
    let mut ids = BTreeMap::new();
    for line in NEWCOMERS.lines() {
        let [username, name, department, age] = *line.split(',').collect::<Vec<_>>() else {
            return Err(format!("not four columns: {line}").into());
        };
        let user = CreateUserInput::new().username(username).name(name);
        let user = client.users().create(user).await?;
        let values: [(&str, UdfValue); 2] = [
            ("department", department.into()),
            ("age", age.parse::<u32>()?.into()),
        ];
        client.users().set_udf_value(&user.id, values).await?;
        let role = if department == "Library" {
            "librarian"
        } else {
            "reader"
        };
        client.roles().add_users(role, [&user.id]).await?;
        ids.insert(username, user.id);
    }
    say(&format!(
        "{} users in the pool",
        client.users().list().await?.total_count
    ))?;

    title("Who may do what?")?;
    let (ada, ben) = (id_of(&ids, "ada")?, id_of(&ids, "ben")?);
    for (name, id) in [("ada", ada), ("ben", ben)] {
        for (action, resource) in [
            ("book:read", "book:42"),
            ("book:lend", "book:42"),
            ("book:lend", "book:first-folio"),
        ] {
            let allowed = client.acl().is_allowed(id, resource, action).await?;
            say(&format!(
                "{name} {action} {resource}: {}",
                if allowed { "yes" } else { "no" }
            ))?;
        }
    }

    title("Ada leaves the library, Ben helps out")?;
    client.roles().remove_users("librarian", [ada]).await?;
    client
        .policies()
        .add_assignments(["look-after-books"], PolicyTargetType::User, [ben])
        .await?;
    client
        .users()
        .update(ada, UpdateUserInput::new().company("Elsewhere Ltd"))
        .await?;
    for (name, id) in [("ada", ada), ("ben", ben)] {
        let allowed = client.acl().is_allowed(id, "book:42", "book:lend").await?;
        say(&format!(
            "{name} book:lend book:42: {}",
            if allowed { "yes" } else { "no" }
        ))?;
    }

    title("Report")?;
    let mut departments = BTreeMap::<String, u32>::new();
    let mut users = client.users().list().limit(8).stream();
    while let Some(user) = users.next().await {
        let values = client.users().get_udf_value(user?.id).await?;
        if let Some(UdfValue::Text(department)) = values.get("department") {
            *departments.entry(department.clone()).or_default() += 1;
        }
    }
    for (department, count) in departments {
        say(&format!("{department:<12} {count:>2}"))?;
    }
    for role in ["reader", "librarian"] {
        let holders = client.roles().list_users(role).await?;
        say(&format!("{role:<12} {:>2} users", holders.total_count))?;
    }
    Ok(())
}

fn id_of<'a>(ids: &'a BTreeMap<&str, String>, username: &str) -> Result<&'a str, String> {
    ids.get(username)
        .map(String::as_str)
        .ok_or_else(|| format!("{username} is not on the list"))
}

fn title(text: &str) -> io::Result<()> {
    writeln!(io::stdout(), "\n{text}")
}

fn say(text: &str) -> io::Result<()> {
    writeln!(io::stdout(), "  {text}")
}
