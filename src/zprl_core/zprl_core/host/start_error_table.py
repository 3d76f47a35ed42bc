"""Table of the errors that the libraries below zprl raise at the start of a program."""

from zprl_core.host.start_error import StartError

LOG_FOLDER = "export ROS_LOG_DIR=FOLDER, one that you can write to, or set HOME"
SOURCE = "open a new shell, and there source setup.bash (ROS from apt: source ros2_ws/install/setup.bash)"
BUILD = "make build, then source setup.bash in a new shell (ROS from apt: colcon build in ros2_ws)"
SPEED = "close programs that use it, or add --preset cpu"

ROS = (
    StartError("rcl", r"rcutils_expand_user failed", "ROS finds no folder for its logs: HOME is not set", LOG_FOLDER),
    StartError(
        "rcl",
        r"Failed to create log directory|Failed opening file .*\.log for writing",
        "ROS cannot write its logs: the folder (HOME/.ros/log, or ROS_LOG_DIR) is not writable",
        LOG_FOLDER,
    ),
    StartError(
        "rcl",
        r"Expected RMW implementation identifier|rmw_implementation.*(could not|failed to) load|exiting with 102",
        "RMW_IMPLEMENTATION names a middleware that this ROS does not have, as of another workspace",
        "unset RMW_IMPLEMENTATION, or source the workspace that has it",
    ),
    StartError(
        "rcl", r"ROS_DOMAIN_ID is not an integral number", "ROS_DOMAIN_ID is not a number",
        "set ROS_DOMAIN_ID to a number from 0 to 101, or unset it",
    ),
    StartError(
        "Fast DDS", r"Calculated port number is too high", "ROS_DOMAIN_ID is above 232",
        "set ROS_DOMAIN_ID to a number from 0 to 101, or unset it",
    ),
    StartError(
        "rcl", r"SECURITY ERROR|failed to initialize rcl: error not set",
        "ROS security is on, but the keystore has no keys for this node, or ROS_SECURITY_KEYSTORE is not set",
        "set ROS_SECURITY_KEYSTORE and create the keys (docs/how-to/security.md), or unset ROS_SECURITY_ENABLE",
    ),
    StartError(
        "rcl", r"Couldn't parse params file", "the parameter file is missing, or not one of ROS",
        "correct the path or the line that the error names",
    ),
    StartError(
        "rcl", r"Couldn't parse (parameter override|remap|log level)|Found unparsed arguments|UnknownROSArgsError",
        "an argument after --ros-args is not valid", "write -p NAME:=VALUE, -r FROM:=TO or --log-level info",
    ),
    StartError(
        "rclpy", r"Invalid(NodeName|Namespace|TopicName|ServiceName)Exception|Invalid (node|topic|namespace) name",
        "a name has characters that ROS does not allow", "use letters, digits and underscores in names",
    ),
    StartError(
        "rclpy", r"UnsupportedTypeSupport|Could not import 'rosidl_typesupport",
        "messages are built for another Python", BUILD,
    ),
    StartError(
        "zprl_msgs", r"cannot import name '\w+' from 'zprl_msgs|has no attribute .*zprl_msgs",
        "the built messages are older than the code", BUILD,
    ),
    StartError(
        "ROS", r"No module named '(rclpy|\w+_msgs|rosidl_\w+|ament_index_python|std_srvs)",
        "the ROS workspace is not sourced in this shell, or not built", BUILD,
    ),
    StartError(
        "ament", r"PackageNotFoundError: .*searching|AMENT_PREFIX_PATH.*not set", "AMENT_PREFIX_PATH is of another "
        "workspace, or not set", SOURCE,
    ),
    StartError(
        "ROS wheels", r"lib(rcl|rmw|rosidl|rcutils|fastrtps|fastdds|fastcdr)\w*\.so[^:]*: cannot open shared object",
        "the ROS libraries are not found, as a variable of another process or workspace was inherited", SOURCE,
    ),
    StartError(
        "rcl", r"RCLError: failed to create (domain|node|participant)", "DDS could not start a participant",
        "run zprl doctor, and see its findings on shared memory, the ROS domain and discovery",
    ),
)  # fmt: skip

HARDWARE = (
    StartError(
        "franky", r"Connection to FCI refused", "the arm refuses the FCI",
        "activate FCI in Franka Desk, unlock the brakes, and let no other program control the arm",
    ),
    StartError(
        "franky", r"libfranka: .*([Tt]imeout|No route to host|Network is unreachable|Host not found)|"
        r"libfranka: Connection error", "the arm does not answer", "check cable, --hostname and the network of the arm",
    ),
    StartError(
        "franky", r"IncompatibleVersionException|[Ii]ncompatible library version",
        "the arm's server has another version than libfranka", "zprl doctor --robot franky names the franky to install",
    ),
    StartError(
        "franky", r"RealtimeException|unable to set realtime scheduling|does not have realtime capabilities",
        "no thread may run in real time here", "see the finding real time of zprl doctor --robot franky",
    ),
    StartError(
        "franky", r"InvalidOperationException|libfranka: .*(not possible|not allowed) in the current mode",
        "the arm is in another mode", "close the user stop, and switch to execution in Franka Desk",
    ),
    StartError(
        "libusb", r"libusb-1\.0\.so\.0: cannot open", "libusb is missing", "sudo apt install libusb-1.0-0",
    ),
    StartError(
        "librealsense", r"errno=16|RS2_USB_STATUS_BUSY|Device or resource busy",
        "another program has the camera",
        "end it (sudo fuser -v /dev/video* shows it), as one program may use a camera",
    ),
    StartError(
        "librealsense", r"RS2_USB_STATUS_ACCESS|failed to open usb interface|errno=13",
        "this user may not use the camera", "install librealsense's udev rules, and plug the camera in again",
    ),
    StartError(
        "librealsense", r"No device connected|no RealSense is connected", "no RealSense is connected",
        "plug it into a USB 3 port; zprl doctor lists the cameras",
    ),
    StartError(
        "librealsense", r"Couldn't resolve requests", "the camera does not offer this mode",
        "choose another size or rate; rs-enumerate-devices lists them",
    ),
)  # fmt: skip

SIMULATION = (
    StartError(
        "MuJoCo", r"invalid value for environment variable MUJOCO_GL", "MUJOCO_GL is not valid",
        "export MUJOCO_GL=egl, osmesa or glfw",
    ),
    StartError(
        "MuJoCo", r"eglQueryString|Cannot initialize a EGL device|EGL device|libEGL|eglGetDisplay|PYOPENGL_PLATFORM",
        "there is no EGL to render with", "sudo apt install libegl1 libgl1-mesa-dri, or export MUJOCO_GL=osmesa",
    ),
    StartError(
        "MuJoCo", r"libOSMesa|OSMesa", "there is no OSMesa to render with", "sudo apt install libosmesa6, or export "
        "MUJOCO_GL=egl",
    ),
    StartError(
        "MuJoCo", r"gladLoadGL|OpenGL platform library has not been loaded|GLFWError|DISPLAY environment variable",
        "there is no display to render with", "export MUJOCO_GL=egl",
    ),
    StartError(
        "MuJoCo", r"XML Error|Error opening file|ParseXML|resource not found via provider",
        "a model file is wrong or missing",
        "correct the file that the error names",
    ),
    StartError(
        "OpenCV", r"lib(GL|glib|gthread|SM|Xext)[-\w.]*\.so\.\d: cannot open", "a graphics library is missing",
        "sudo apt install libgl1 libglib2.0-0",
    ),
)  # fmt: skip

LEARNING = (
    StartError(
        "torch", r"OutOfMemoryError|CUDA out of memory|CUBLAS_STATUS_ALLOC_FAILED", "the GPU's memory is full",
        f"nvidia-smi shows whose programs fill it: {SPEED}",
    ),
    StartError(
        "torch", r"Torch not compiled with CUDA enabled", "this torch is built without CUDA",
        "use the CPU, or install torch with CUDA from PyPI",
    ),
    StartError(
        "torch", r"Found no NVIDIA driver|driver (version )?.*(insufficient|too old)|no CUDA-capable device|"
        r"CUDA error|cudaGetDeviceCount|No CUDA GPUs are available", "torch cannot use the GPU",
        "nvidia-smi shows whether it works; update NVIDIA's driver, or set CUDA_VISIBLE_DEVICES= to use the CPU",
    ),
    StartError(
        "torch", r"lib(cud|cublas|nv|torch|gomp)\w*[-\w.]*\.so[^:]*: cannot open", "a library of torch is missing",
        "make build installs torch again",
    ),
    StartError(
        "torch", r"can't allocate memory|Unable to allocate|std::bad_alloc|MemoryError|Cannot allocate memory",
        "the machine's memory is full", "close other programs; zprl doctor shows the free memory",
    ),
    StartError(
        "numpy", r"compiled using NumPy 1|numpy\.core\.multiarray failed to import|_ARRAY_API not found",
        "a package was built for another numpy", "make build installs the versions that were tested",
    ),
    StartError(
        "safetensors", r"SafetensorError", "a file of weights is damaged or incomplete",
        "take an earlier checkpoint of the run, or make it again",
    ),
    StartError(
        "mcap", r"InvalidMagic|EndOfFile|RecordLengthLimitExceeded|CRCValidationError|McapError",
        "a recording is damaged or incomplete", "leave that file out, or recover it with mcap recover FILE",
    ),
    StartError(
        "SQLite", r"database is locked", "another program has the journal open",
        "end it (sudo fuser -v FILE shows it), or use another run",
    ),
    StartError(
        "SQLite", r"database or disk is full", "the disk is full",
        "free some disk space, and run the same command again",
    ),
    StartError(
        "SQLite", r"unable to open database file|readonly database|disk I/O error",
        "the journal cannot be written", "check disk and permissions of the run folder",
    ),
    StartError(
        "SQLite", r"disk image is malformed|file is not a database", "the journal is damaged",
        "move the file away; transitions that the learner has stored are kept",
    ),
)  # fmt: skip

TOGETHER = (
    StartError(
        "torch", r"DistStoreError", "not all processes that pretrain together came in time",
        "start the same command on every machine within ten minutes, each with its own NODE_RANK; if one has ended, "
        "see its message",
    ),
    StartError(
        "torch", r"DistNetworkError.*EADDRINUSE", "another program uses MASTER_PORT of this machine",
        "choose another one, the same on every machine",
    ),
    StartError(
        "torch", r"DistNetworkError", "the first machine does not answer at MASTER_ADDR and MASTER_PORT",
        "start the command there too, and check name, port and firewall",
    ),
    StartError(
        "torch", r"process \d+ terminated with signal", "a process of pretraining was ended from outside",
        "if it was Linux for lack of memory, sudo dmesg says so: give fewer --devices; then run the same command again",
    ),
    StartError(
        "gloo", r"gloo/transport", "a process that pretrained together with this one ended, or the network was lost",
        "see what the other machine says; where none failed, set GLOO_SOCKET_IFNAME to the interface of their network",
    ),
    StartError(
        "NCCL", r"DistBackendError|ncclRemoteError|ncclSystemError", "the GPUs cannot exchange what they computed",
        "NCCL_DEBUG=INFO shows why; between machines set NCCL_SOCKET_IFNAME to the interface of their network",
    ),
)  # fmt: skip

SYSTEM = (
    StartError(
        "Python", r"Could not determine home directory|uid not found", "this user has no home folder",
        "export HOME=FOLDER",
    ),
    StartError(
        "Python", r"No usable temporary directory", "no temporary folder can be written",
        "free space in /tmp, or export TMPDIR=FOLDER",
    ),
    StartError(
        "Linux", r"Too many open files", "too many files are open", "ulimit -n 4096, then run the same command again",
    ),
    StartError(
        "Linux", r"can't start new thread|Resource temporarily unavailable", "this user has too many processes",
        "end some of them, or raise ulimit -u",
    ),
)  # fmt: skip

# The first row whose pattern is found counts.
START_ERRORS = (*ROS, *HARDWARE, *SIMULATION, *LEARNING, *TOGETHER, *SYSTEM)
