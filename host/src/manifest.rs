//! The manifest `spin.toml` (version 2), read as Spin reads it: unknown keys are refused.
//!
//! What only this host reads is the table `[component.X.tool.entra-scim]`, which Spin leaves to tools: `job` and its
//! `schedule`, `check`, and `files` that the component may read.

mod document;
pub(crate) mod outbound;
pub(crate) mod route;
pub(crate) mod template;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use serde::Deserialize;
use toml::Spanned;

pub(crate) use self::document::is_variable_name;
use self::document::{Document, HttpTrigger, StringOr};
use self::route::Routes;
use self::template::Template;

/// A manifest that was read and found right.
#[derive(Debug)]
pub(crate) struct Manifest {
    /// The directory that its paths are relative to.
    pub(crate) directory: PathBuf,
    /// The application's name.
    pub(crate) name: String,
    /// The declared variables.
    pub(crate) variables: BTreeMap<String, Variable>,
    /// The components, in the order of their ids; routes refer to a component by its place here.
    pub(crate) components: Vec<Component>,
    /// The public routes.
    pub(crate) routes: Routes,
    text: Text,
}

/// A variable of the application.
#[derive(Clone, Debug)]
pub(crate) struct Variable {
    /// Its value when nobody gives one; without it, one must be given.
    pub(crate) default: Option<String>,
}

/// A component.
#[derive(Debug)]
pub(crate) struct Component {
    /// Its id.
    pub(crate) id: String,
    /// The `.wasm` file.
    pub(crate) source: PathBuf,
    /// Its variables, made from those of the application.
    pub(crate) variables: BTreeMap<String, Template>,
    /// Its environment.
    pub(crate) environment: BTreeMap<String, String>,
    /// Where it may send requests to, and where in the manifest that is said.
    pub(crate) allowed_outbound_hosts: Vec<(Template, Place)>,
    /// The key-value stores that it may open.
    pub(crate) key_value_stores: BTreeSet<String>,
    /// The databases that it may open.
    pub(crate) sqlite_databases: BTreeSet<String>,
    /// How it is built.
    pub(crate) build: Option<Build>,
    /// What only this host reads of it.
    pub(crate) tool: Tool,
}

/// The table `tool.entra-scim` of a component.
#[derive(Debug, Default)]
pub(crate) struct Tool {
    /// The job that it does on a timer.
    pub(crate) job: Option<Job>,
    /// The path that tells what the application may do in its tenant, and where in the manifest that is said.
    pub(crate) check: Option<(String, Place)>,
    /// The files that it may read, and where in the manifest that is said.
    pub(crate) files: Vec<(Template, Place)>,
}

/// How a component is built.
#[derive(Debug)]
pub(crate) struct Build {
    /// A command line for the shell.
    pub(crate) command: String,
    /// Where it runs.
    pub(crate) directory: PathBuf,
    /// Patterns of the files it depends on, relative to `directory`.
    pub(crate) watch: Vec<String>,
}

/// What a component does on a timer.
#[derive(Debug)]
pub(crate) struct Job {
    /// The path that a tick posts to.
    pub(crate) path: String,
    /// When: a cron expression or `off`, once its variables are filled in.
    pub(crate) schedule: Template,
    /// Where the manifest says which path.
    pub(crate) path_place: Place,
    /// Where the manifest says when.
    pub(crate) schedule_place: Place,
}

/// A place in the manifest: how many bytes from its start.
pub(crate) type Place = usize;

impl Manifest {
    /// Reads a file.
    ///
    /// # Errors
    /// `spin.toml:LINE: what is wrong`.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).map_err(|error| {
            anyhow!("cannot read the manifest {}: {error}: name another with --from FILE", path.display())
        })?;
        let directory = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let directory = directory.canonicalize().with_context(|| format!("cannot find {}", directory.display()))?;
        Self::parse(Text { name: path.display().to_string(), text }, directory)
    }

    /// An error at a place of the manifest.
    pub(crate) fn error(&self, place: Place, message: impl std::fmt::Display) -> anyhow::Error {
        self.text.error(place, message)
    }

    fn parse(text: Text, directory: PathBuf) -> Result<Self> {
        let document = Document::deserialize(toml::Deserializer::parse(&text.text).map_err(|error| text.toml(&error))?)
            .map_err(|error| text.toml(&error))?;
        let version = &document.spin_manifest_version;
        if *version.get_ref() != 2 {
            return Err(text.error(version.span().start, "spin_manifest_version must be 2"));
        }
        let mut reader = Reader { text: &text, directory: &directory, variables: BTreeMap::new(), components: vec![] };
        reader.read_variables(document.variables)?;
        for (id, component) in document.component {
            reader.read_component(id.into_inner(), component)?;
        }
        let routes = reader.read_triggers(document.trigger.http)?;
        reader.check_tools(&routes)?;
        let Reader { variables, components, .. } = reader;
        Ok(Self { name: document.application.name, variables, components, routes, directory, text })
    }
}

/// The manifest's text, to tell lines by.
#[derive(Debug)]
struct Text {
    name: String,
    text: String,
}

impl Text {
    fn error(&self, place: Place, message: impl std::fmt::Display) -> anyhow::Error {
        let line = self.text.get(..place).unwrap_or_default().matches('\n').count() + 1;
        anyhow!("{}:{line}: {message}", self.name)
    }

    fn toml(&self, error: &toml::de::Error) -> anyhow::Error {
        self.error(error.span().map_or(0, |span: Range<usize>| span.start), error.message())
    }
}

struct Reader<'a> {
    text: &'a Text,
    directory: &'a Path,
    variables: BTreeMap<String, Variable>,
    components: Vec<Component>,
}

impl Reader<'_> {
    fn read_variables(&mut self, variables: BTreeMap<Spanned<String>, document::Variable>) -> Result<()> {
        for (name, variable) in variables {
            let place = name.span().start;
            let name = name.into_inner();
            if !is_variable_name(&name) {
                return Err(self.text.error(place, format!("variable {name} must be lower_snake_case")));
            }
            if variable.required == variable.default.is_some() {
                let message = format!("variable {name} needs either `required = true` or a default");
                return Err(self.text.error(place, message));
            }
            self.variables.insert(name, Variable { default: variable.default });
        }
        Ok(())
    }

    fn read_component(&mut self, id: String, component: Spanned<document::Component>) -> Result<usize> {
        let place = component.span().start;
        let component = component.into_inner();
        self.check_component(&id, place, &component)?;
        let source = match component.source.get_ref() {
            StringOr::String(path) => self.directory.join(path),
            StringOr::Table(_) => {
                let message = format!("component {id} has a remote source: download it and name the local file");
                return Err(self.text.error(component.source.span().start, message));
            }
        };
        let mut variables = BTreeMap::new();
        for (name, value) in component.variables {
            variables.insert(name, self.template(&value)?);
        }
        let mut allowed_outbound_hosts = Vec::new();
        for host in component.allowed_outbound_hosts {
            allowed_outbound_hosts.push((self.template(&host)?, host.span().start));
        }
        let build = match component.build {
            Some(build) => Some(self.build(&id, build)?),
            None => None,
        };
        let tool = match component.tool.entra_scim {
            Some(tool) => self.tool(tool)?,
            None => Tool::default(),
        };
        self.components.push(Component {
            id,
            source,
            variables,
            environment: component.environment,
            allowed_outbound_hosts,
            key_value_stores: component.key_value_stores.into_iter().map(Spanned::into_inner).collect(),
            sqlite_databases: component.sqlite_databases.into_iter().map(Spanned::into_inner).collect(),
            build,
            tool,
        });
        Ok(self.components.len() - 1)
    }

    fn tool(&self, tool: Spanned<document::Tool>) -> Result<Tool> {
        let place = tool.span().start;
        let document::Tool { job, schedule, check, files } = tool.into_inner();
        let job = match (job, schedule) {
            (Some(job), Some(schedule)) => Some(Job {
                path_place: job.span().start,
                path: job.into_inner(),
                schedule: self.template(&schedule)?,
                schedule_place: schedule.span().start,
            }),
            (None, None) => None,
            _ => return Err(self.text.error(place, "a job needs both keys: job, its path, and schedule")),
        };
        let check = check.map(|check| (check.get_ref().clone(), check.span().start));
        let files = files.iter().map(|file| Ok((self.template(file)?, file.span().start)));
        Ok(Tool { job, check, files: files.collect::<Result<_>>()? })
    }

    /// What a component asks for that this host does not have, and names that could leave the state directory.
    fn check_component(&self, id: &str, place: Place, component: &document::Component) -> Result<()> {
        if !document::is_id(id) {
            let message = format!("component id {id} must be kebab-case: letters, digits and hyphens");
            return Err(self.text.error(place, message));
        }
        if self.components.iter().any(|other| other.id == id) {
            return Err(self.text.error(place, format!("component {id} is there twice")));
        }
        for (key, is_used, place) in component.unsupported() {
            if is_used {
                return Err(self.text.error(place, format!("component {id} uses {key}, which is not supported here")));
            }
        }
        for label in component.key_value_stores.iter().chain(&component.sqlite_databases) {
            let label_place = label.span().start;
            if !document::is_label(label.get_ref()) {
                let message = format!("label {:?} must be letters, digits, hyphens and underscores", label.get_ref());
                return Err(self.text.error(label_place, message));
            }
        }
        for label in &component.sqlite_databases {
            // The files of these names are the host's own.
            if matches!(label.get_ref().as_str(), "warehouse" | "key-value") {
                let message = format!("label {:?} is the host's own file: choose another", label.get_ref());
                return Err(self.text.error(label.span().start, message));
            }
        }
        Ok(())
    }

    /// A text whose variables are all declared.
    fn template(&self, text: &Spanned<String>) -> Result<Template> {
        let place = text.span().start;
        let template = Template::parse(text.get_ref()).map_err(|error| self.text.error(place, error))?;
        if let Some(name) = template.variables().find(|name| !self.variables.contains_key(*name)) {
            let message = format!("variable {name} is not declared: add it to [variables]");
            return Err(self.text.error(place, message));
        }
        Ok(template)
    }

    fn build(&self, id: &str, build: Spanned<document::Build>) -> Result<Build> {
        let place = build.span().start;
        let build = build.into_inner();
        let command = match build.command {
            document::Commands::One(command) => command,
            document::Commands::Several(commands) => commands.join(" && "),
        };
        if command.trim().is_empty() {
            return Err(self.text.error(place, format!("component {id} has an empty build command")));
        }
        let directory = build.workdir.map_or(self.directory.to_owned(), |workdir| self.directory.join(workdir));
        Ok(Build { command, directory, watch: build.watch })
    }

    fn read_triggers(&mut self, triggers: Vec<Spanned<HttpTrigger>>) -> Result<Routes> {
        let mut routes = Routes::default();
        for (index, trigger) in triggers.into_iter().enumerate() {
            let place = trigger.span().start;
            let trigger = trigger.into_inner();
            let component = match trigger.component.into_inner() {
                StringOr::String(id) => {
                    let found = self.components.iter().position(|component| component.id == id);
                    found.ok_or_else(|| {
                        self.text.error(place, format!("there is no [component.{id}] for this trigger"))
                    })?
                }
                StringOr::Table(component) => {
                    let id = trigger.id.unwrap_or_else(|| format!("inline-http-trigger{index}"));
                    self.read_component(id, Spanned::new(place..place, component))?
                }
            };
            match trigger.route.get_ref() {
                StringOr::String(route) => {
                    let span = trigger.route.span();
                    routes.add(route, component).map_err(|error| self.text.error(span.start, error))?;
                }
                StringOr::Table(private) if private.private => {}
                StringOr::Table(_) => {
                    let message = "route must be a path or { private = true }";
                    return Err(self.text.error(trigger.route.span().start, message));
                }
            }
        }
        Ok(routes)
    }

    /// What a tool calls is a route of its own component, and there is one check at most.
    fn check_tools(&self, routes: &Routes) -> Result<()> {
        let mut checks = 0;
        for (index, component) in self.components.iter().enumerate() {
            let job = component.tool.job.as_ref().map(|job| ("job", &job.path, job.path_place));
            let check = component.tool.check.as_ref().map(|(path, place)| ("check", path, *place));
            for (key, path, place) in job.into_iter().chain(check) {
                if routes.find(path).is_none_or(|found| found.route.component != index) {
                    let message = format!("no route of component {} matches its {key} \"{path}\"", component.id);
                    return Err(self.text.error(place, message));
                }
            }
            checks += usize::from(check.is_some());
            if let (Some((.., place)), 2..) = (check, checks) {
                return Err(self.text.error(place, "another component has a check already"));
            }
        }
        Ok(())
    }
}

/// The places of these components in the manifest: all of them, or those that are named.
///
/// # Errors
/// A line that names the unknown one and lists those there are.
pub(crate) fn select(manifest: &Manifest, ids: &[String]) -> Result<BTreeSet<usize>> {
    if ids.is_empty() {
        return Ok((0..manifest.components.len()).collect());
    }
    let place = |id: &String| {
        let found = manifest.components.iter().position(|component| component.id == *id);
        found.ok_or_else(|| {
            let known = manifest.components.iter().map(|component| component.id.as_str()).collect::<Vec<_>>();
            anyhow!("there is no component {id}: the manifest has {}", known.join(", "))
        })
    };
    let places = ids.iter().map(place).collect::<Result<BTreeSet<_>>>()?;
    if places.is_empty() {
        bail!("no component is named");
    }
    Ok(places)
}

#[cfg(test)]
mod tests;
