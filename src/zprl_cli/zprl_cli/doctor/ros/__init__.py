"""DDS probe of the doctor."""
