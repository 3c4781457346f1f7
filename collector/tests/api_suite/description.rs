use std::collections::BTreeSet;

use collector::api::ROUTES;
use http::Method;
use serde_json::Value;

use super::schema::check;
use super::site::{ANALYST, Site};

async fn document(site: &Site) -> Value {
    let reply = site.ask(Method::GET, "/openapi.json", "", "").await;
    assert_eq!(reply.kind, "application/json");
    reply.json()
}

#[tokio::test]
async fn describes_every_route_with_its_parameters_and_no_other() {
    let document = document(&Site::empty()).await;
    let mut described = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let mut params = BTreeSet::new();
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let parameter = match parameter["$ref"].as_str() {
                    Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
                    None => parameter,
                };
                if parameter["in"] == "query" {
                    params.insert(parameter["name"].as_str().unwrap().to_owned());
                }
            }
            let open = operation["security"].as_array().is_some_and(Vec::is_empty);
            described.insert((method.to_uppercase(), path.clone(), params, open));
        }
    }
    let routes: BTreeSet<_> = ROUTES
        .iter()
        .map(|route| {
            let params = route.params.iter().flat_map(|names| names.iter());
            let params: BTreeSet<_> = params.map(|name| (*name).to_owned()).collect();
            (
                route.method.to_owned(),
                route.path.to_owned(),
                params,
                route.open,
            )
        })
        .collect();
    assert_eq!(described, routes);
}

#[tokio::test]
async fn answers_are_as_described() {
    let site = Site::filled();
    let document = document(&site).await;
    let decision =
        r#"{"status":"tolerated","reason":"trial","expires":"2030-01-01","user":"u-7f3a"}"#;
    let put = site
        .ask(Method::PUT, "/policies/chatgpt", ANALYST, decision)
        .await;
    let mut replies = vec![("/policies/{service}", "put", put)];
    for (path, ask) in [
        ("/services", "/services"),
        ("/services/{id}", "/services/chatgpt"),
        ("/services/{id}", "/services/deepl"),
        ("/devices", "/devices"),
        ("/usage", "/usage"),
        ("/findings", "/findings"),
        ("/coverage", "/coverage"),
        ("/sensors", "/sensors"),
        ("/policies", "/policies"),
    ] {
        let reply = site.get(ask).await;
        assert!(!reply.items().is_empty(), "{ask}");
        replies.push((path, "get", reply));
    }
    let file = "format = 1\n[[decision]]\nservice = \"chatgpt\"\nstatus = \"prohibited\"\n";
    let import = site
        .ask(Method::POST, "/policies/import", ANALYST, file)
        .await;
    replies.push(("/policies/import", "post", import));
    for (path, method, reply) in replies {
        let schema = &document["paths"][path][method]["responses"]["200"]["content"]["application/json"]
            ["schema"];
        assert!(schema.is_object(), "{path}");
        let problems = check(&document, schema, &reply.json(), path);
        assert!(problems.is_empty(), "{problems:#?}");
    }
}

#[tokio::test]
async fn problems_are_as_described() {
    let site = Site::empty();
    let document = document(&site).await;
    let schema = &document["components"]["schemas"]["Problem"];
    for path in [
        "/usage?colour=red&limit=0",
        "/services/nothing",
        "/nowhere",
        "/policies/import",
    ] {
        let reply = site.get(path).await;
        assert_eq!(reply.kind, "application/problem+json", "{path}");
        assert!(reply.status.is_client_error(), "{path}");
        let problems = check(&document, schema, &reply.json(), path);
        assert!(problems.is_empty(), "{problems:#?}");
        assert_eq!(reply.json()["status"], reply.status.as_u16());
    }
}

#[test]
fn the_checker_finds_what_is_wrong() {
    let document = serde_json::json!({
        "components": {"schemas": {"A": {
            "type": "object", "additionalProperties": false, "required": ["n", "t"],
            "properties": {
                "n": {"type": "integer", "minimum": 0}, "t": {"type": "string", "format": "date-time"},
                "w": {"anyOf": [{"type": "string", "enum": ["x"]}, {"type": "null"}]}
            }
        }}}
    });
    let schema = serde_json::json!({"type": "array", "items": {"$ref": "#/components/schemas/A"}});
    let good = serde_json::json!([{"n": 1, "t": "2026-01-01T00:00:00Z", "w": null}]);
    assert!(check(&document, &schema, &good, "").is_empty());
    for bad in [
        serde_json::json!({}),
        serde_json::json!([{"n": -1, "t": "2026-01-01T00:00:00Z"}]),
        serde_json::json!([{"n": 1.5, "t": "2026-01-01T00:00:00Z"}]),
        serde_json::json!([{"n": 1, "t": "yesterday"}]),
        serde_json::json!([{"n": 1}]),
        serde_json::json!([{"n": 1, "t": "2026-01-01T00:00:00Z", "w": "y"}]),
        serde_json::json!([{"n": 1, "t": "2026-01-01T00:00:00Z", "z": 1}]),
    ] {
        assert!(!check(&document, &schema, &bad, "").is_empty(), "{bad}");
    }
}
