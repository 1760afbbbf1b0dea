"""Draw a body from the angles of its joints: YAML → `Pose` → joints in space → SVG."""
