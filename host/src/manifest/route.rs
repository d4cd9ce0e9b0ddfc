//! Which route a path belongs to, as Spin decides it.
//!
//! A route is `/`-separated: a word matches itself, `:name` any one segment, and a last `...` the rest, which may be
//! nothing. Where several match, the one that is more specific in the first segment where they differ wins.

/// All routes, the most specific first.
#[derive(Debug, Default)]
pub(crate) struct Routes(Vec<Route>);

/// One route and the component behind it.
#[derive(Debug)]
pub(crate) struct Route {
    /// The route as the manifest has it.
    pub(crate) pattern: String,
    /// The component's place in the list of components.
    pub(crate) component: usize,
    segments: Vec<Segment>,
}

/// A path that belongs to a route.
#[derive(Debug)]
pub(crate) struct Match<'a> {
    /// The route.
    pub(crate) route: &'a Route,
    /// What stands for the route's `...`, with a slash before it, or nothing.
    pub(crate) path_info: &'a str,
    /// What stands for each `:name`, still percent-encoded.
    pub(crate) parameters: Vec<(&'a str, &'a str)>,
}

/// In the order of what is more specific.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Segment {
    Word(String),
    Parameter(String),
    Rest,
}

impl Routes {
    /// Adds a route.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(crate) fn add(&mut self, pattern: &str, component: usize) -> Result<(), String> {
        let segments = segments(pattern)?;
        if let Some(other) = self.0.iter().find(|route| is_same(&route.segments, &segments)) {
            return Err(format!("route \"{pattern}\" matches the same paths as route \"{}\"", other.pattern));
        }
        self.0.push(Route { pattern: pattern.to_owned(), component, segments });
        self.0.sort_by_key(Route::specificity);
        Ok(())
    }

    /// All routes, the most specific first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Route> {
        self.0.iter()
    }

    /// The most specific route that a path (without its query) belongs to.
    pub(crate) fn find<'a>(&'a self, path: &'a str) -> Option<Match<'a>> {
        self.0.iter().find_map(|route| route.matches(path))
    }
}

impl Route {
    /// The route without its `/...`.
    pub(crate) fn prefix(&self) -> &str {
        self.pattern.strip_suffix("/...").unwrap_or(&self.pattern)
    }

    /// The kinds of the segments; a route that ends before another does is more specific than one with a rest.
    fn specificity(&self) -> Vec<u8> {
        let rank = |segment: &Segment| match segment {
            Segment::Word(_) => 0,
            Segment::Parameter(_) => 1,
            Segment::Rest => 3,
        };
        let mut ranks = self.segments.iter().map(rank).collect::<Vec<_>>();
        if self.segments.last() != Some(&Segment::Rest) {
            ranks.push(2);
        }
        ranks
    }

    fn matches<'a>(&'a self, path: &'a str) -> Option<Match<'a>> {
        let mut rest = path;
        let mut parameters = Vec::new();
        for segment in &self.segments {
            if *segment == Segment::Rest {
                return (rest.is_empty() || rest.starts_with('/')).then_some(Match {
                    route: self,
                    path_info: rest,
                    parameters,
                });
            }
            let tail = rest.strip_prefix('/')?;
            let end = tail.find('/').unwrap_or(tail.len());
            let (value, after) = tail.split_at(end);
            match segment {
                Segment::Word(word) if word != value => return None,
                Segment::Parameter(_) if value.is_empty() => return None,
                Segment::Parameter(name) => parameters.push((name.as_str(), value)),
                Segment::Word(_) | Segment::Rest => {}
            }
            rest = after;
        }
        // A slash at the end does not make another path.
        matches!(rest, "" | "/").then_some(Match { route: self, path_info: "", parameters })
    }
}

fn segments(pattern: &str) -> Result<Vec<Segment>, String> {
    let Some(path) = pattern.strip_prefix('/') else {
        return Err(format!("route \"{pattern}\" must start with a slash"));
    };
    let words = path.split('/').collect::<Vec<_>>();
    let last = words.len() - 1;
    let mut segments = Vec::new();
    for (index, word) in words.into_iter().enumerate() {
        segments.push(match (word, word.strip_prefix(':')) {
            ("...", _) if index == last => Segment::Rest,
            ("...", _) => return Err(format!("route \"{pattern}\" may have \"...\" only at its end")),
            ("", _) if index == last => break,
            (_, Some("")) => return Err(format!("route \"{pattern}\" has a parameter without a name")),
            (_, Some(name)) => Segment::Parameter(name.to_owned()),
            _ => Segment::Word(word.to_owned()),
        });
    }
    Ok(segments)
}

/// Names of parameters do not tell routes apart.
fn is_same(left: &[Segment], right: &[Segment]) -> bool {
    left.len() == right.len()
        && left.iter().zip(right).all(|pair| match pair {
            (Segment::Word(left), Segment::Word(right)) => left == right,
            (Segment::Parameter(_), Segment::Parameter(_)) | (Segment::Rest, Segment::Rest) => true,
            _ => false,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes() -> Routes {
        let mut routes = Routes::default();
        let patterns = ["/scim/...", "/scim/v2/Users/...", "/a/:id", "/a/:id/b", "/a/exact", "/a/...", "/"];
        for (index, pattern) in patterns.into_iter().enumerate() {
            routes.add(pattern, index).unwrap();
        }
        routes
    }

    #[test]
    fn the_most_specific_wins() {
        let cases = [
            ("/scim/v2/Users", Some(("/scim/v2/Users/...", "", ""))),
            ("/scim/v2/Users/", Some(("/scim/v2/Users/...", "/", ""))),
            ("/scim/v2/Users/1/2", Some(("/scim/v2/Users/...", "/1/2", ""))),
            ("/scim/v2/UsersX", Some(("/scim/...", "/v2/UsersX", ""))),
            ("/scim", Some(("/scim/...", "", ""))),
            ("/scimx", None),
            ("/a/exact", Some(("/a/exact", "", ""))),
            ("/a/7", Some(("/a/:id", "", "7"))),
            ("/a/7/", Some(("/a/:id", "", "7"))),
            ("/a/7/b", Some(("/a/:id/b", "", "7"))),
            ("/a/7/c", Some(("/a/...", "/7/c", ""))),
            ("/a/", Some(("/a/...", "/", ""))),
            ("/", Some(("/", "", ""))),
            ("/nothing", None),
        ];
        let routes = routes();
        for (path, expected) in cases {
            let found = routes.find(path);
            let found = found.as_ref().map(|found| {
                let parameter = found.parameters.first().map_or("", |(_, value)| value);
                (found.route.pattern.as_str(), found.path_info, parameter)
            });
            assert_eq!(found, expected, "{path}");
        }
    }

    #[test]
    fn wrong_routes_are_told() {
        let cases = [
            ("scim", "must start with a slash"),
            ("/a/.../b", "only at its end"),
            ("/a/:", "parameter without a name"),
            ("/a/:other", "matches the same paths as route \"/a/:id\""),
        ];
        for (pattern, expected) in cases {
            let error = routes().add(pattern, 9).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
