//! Traces of AI tools: installed, configured, running.
