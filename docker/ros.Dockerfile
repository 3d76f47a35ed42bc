# zprl on ROS 2 from apt, with rosdep and colcon: docs/how-to/docker.md. It has never been built.
#
#     docker build -f docker/ros.Dockerfile --build-arg ROS_DISTRO=kilted -t zprl-ros .
#
# Targets: runtime (default); tools, with rviz and rqt; gazebo. PIP_ARGS as in Dockerfile.
ARG ROS_DISTRO=jazzy

FROM ros:${ROS_DISTRO}-ros-base AS build
SHELL ["/bin/bash", "-eo", "pipefail", "-c"]
# hadolint ignore=DL3008
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends python3-venv \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/zprl
COPY requirements-rosdep.txt ./
# Messages of ROS are compiled for the numpy of Ubuntu. What rosdep would install with pip is in this environment too.
ARG PIP_ARGS=""
RUN python3 -m venv --system-site-packages venv \
    && . venv/bin/activate \
    && PIP_NO_CACHE_DIR=1 pip install ${PIP_ARGS} -r requirements-rosdep.txt torch gymnasium
COPY . .
# What pip has installed, and what needs a screen, which only the target tools has.
ENV SKIPPED_KEYS="python3-pytorch-pip python3-gymnasium-pip python3-mujoco-pip rviz2 rqt_gui rqt_gui_py python_qt_binding"
RUN apt-get update && rosdep update --rosdistro "$ROS_DISTRO" \
    && rosdep install --from-paths src --ignore-src -y -t exec --skip-keys "$SKIPPED_KEYS" --simulate --reinstall \
        | sed -n 's/^ *apt-get install -y //p' | tr ' ' '\n' | sort -u > exec-packages.txt \
    && DEBIAN_FRONTEND=noninteractive rosdep install --from-paths src --ignore-src -y --skip-keys "$SKIPPED_KEYS" \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/zprl/ros2_ws
# The Python that runs colcon becomes that of the nodes.
RUN . "/opt/ros/$ROS_DISTRO/setup.bash" && . ../venv/bin/activate \
    && python3 -m colcon build --base-paths ../src \
    && rm -rf log

FROM ros:${ROS_DISTRO}-ros-core AS runtime
SHELL ["/bin/bash", "-eo", "pipefail", "-c"]
COPY --from=build /opt/zprl /opt/zprl
RUN apt-get update \
    && xargs -a /opt/zprl/exec-packages.txt env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends \
    && rm -rf /var/lib/apt/lists/* \
    && install -d -m 1777 /data /home/zprl
# Of a user without a name: Gazebo and torch ask for one.
ENV HOME=/home/zprl USER=zprl
USER 1000:1000
WORKDIR /data
ENTRYPOINT ["/opt/zprl/docker/ros_entrypoint.sh"]
CMD ["ros2", "launch", "zprl_bringup", "sim.launch.py"]

FROM runtime AS tools
USER 0
# hadolint ignore=DL3008
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        "ros-$ROS_DISTRO-rqt-common-plugins" "ros-$ROS_DISTRO-rviz2" \
    && rm -rf /var/lib/apt/lists/*
USER 1000:1000
CMD ["rviz2"]

FROM runtime AS gazebo
USER 0
# hadolint ignore=DL3008
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        "ros-$ROS_DISTRO-forward-command-controller" "ros-$ROS_DISTRO-gz-ros2-control" \
        "ros-$ROS_DISTRO-joint-state-broadcaster" "ros-$ROS_DISTRO-parallel-gripper-controller" \
        "ros-$ROS_DISTRO-robot-state-publisher" "ros-$ROS_DISTRO-ros-gz-bridge" "ros-$ROS_DISTRO-ros-gz-sim" \
        "ros-$ROS_DISTRO-ros2controlcli" \
    && rm -rf /var/lib/apt/lists/*
USER 1000:1000
CMD ["ros2", "launch", "zprl_bringup", "gazebo.launch.py"]

FROM runtime
