using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace CloudPbx.Net.Sockets;

/// <summary>The Linux calls of the packet path, blittable so that a call costs what it costs in C. Values are those of Linux on x86-64 and ARM64.</summary>
internal static unsafe partial class Libc
{
    public const int AfInet = 2, AfInet6 = 10;
    public const int SockDgram = 2, SockNonBlock = 0x800, SockCloExec = 0x80000;
    public const int SolSocket = 1, SoRcvBuf = 8;
    public const int IpProtoIpv6 = 41, Ipv6V6Only = 26;
    public const int IpProtoIp = 0, IpTos = 1, Ipv6TClass = 67;
    public const int EpollCtlAdd = 1, EpollCtlDel = 2, EpollIn = 1, EpollCloExec = 0x80000;
    public const int EfdFlags = SockNonBlock | SockCloExec;
    public const int ClockMonotonic = 1;
    public const int TimerAbsolute = 1;
    public const int RLimitNoFile = 7;
    public const int PriorityOfProcess = 0, CallingThread = 0;
    public const uint ScheduleNormally = 0, ScheduleInTurn = 2;                                             // SCHED_OTHER, SCHED_RR
    public const ulong ScheduleChildrenEvenly = 1;                                                          // SCHED_FLAG_RESET_ON_FORK
    public const int MsgDontWait = 0x40, MsgNoSignal = 0x4000, MsgWaitForOne = 0x10000;
    public const int ShutBoth = 2;
    public const short PollIn = 1, PollOut = 4;
    public const int EPerm = 1, EIntr = 4, EAgain = 11, ENoMemory = 12, EInval = 22, ENoSys = 38, EAddrInUse = 98, EAddrNotAvail = 99, ENoBuffers = 105;
    public const int ProtReadWrite = 3, MapSharedPopulate = 0x8001, MapPrivateAnonymous = 0x22;
    public const long IoUringRings = 0, IoUringRequests = 0x1000_0000;                                      // offsets to map
    public const nint IoUringSetup = 425, IoUringEnter = 426, IoUringRegister = 427;                        // the same numbers on both architectures
    public const uint IoUringCompletionSize = 1 << 3, IoUringDisabled = 1 << 6, IoUringSubmitAll = 1 << 7, IoUringSingleIssuer = 1 << 12, IoUringDeferTaskRun = 1 << 13;
    public const uint IoUringMinimumTimeout = 1 << 15;                                                      // a feature
    public const int IoUringGetEvents = 1, IoUringExtendedArgument = 1 << 3;
    public const int IoUringRegisterFilesUpdate = 6, IoUringRegisterEnable = 12, IoUringRegisterFiles = 13, IoUringRegisterBuffers = 22;
    public const uint IoUringRegisterSparse = 1;
    public const byte IoUringReceiveMessage = 10, IoUringCancel = 14, IoUringRead = 22, IoUringSend = 26;   // operations
    public const byte IoUringFixedFile = 1 << 0, IoUringSelectBuffer = 1 << 5, IoUringSilentSuccess = 1 << 6;
    public const ushort IoUringReceiveMany = 1 << 1;
    public const uint IoUringHasBuffer = 1, IoUringMore = 1 << 1;

    [LibraryImport("libc", SetLastError = true)]
    public static partial int socket(int domain, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int bind(int fd, UdpAddress* address, uint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int connect(int fd, UdpAddress* address, uint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int getsockname(int fd, UdpAddress* address, uint* length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setsockopt(int fd, int level, int name, int* value, uint length);

    // Of these nobody asks why they failed: that would cost three more calls for each.
    [LibraryImport("libc")]
    public static partial nint recvfrom(int fd, byte* buffer, nuint length, int flags, UdpAddress* address, uint* addressLength);

    [LibraryImport("libc")]
    public static partial nint sendto(int fd, byte* buffer, nuint length, int flags, UdpAddress* address, uint addressLength);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int recvmmsg(SafeHandle socket, MessageHeader* messages, uint count, int flags, void* timeout);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int sendmmsg(SafeHandle socket, MessageHeader* messages, uint count, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint recv(SafeHandle socket, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint send(SafeHandle socket, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int shutdown(SafeHandle socket, int how);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int poll(PollRequest* requests, ulong count, int timeoutMilliseconds);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int close(int fd);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int epoll_ctl(int epoll, int operation, int fd, void* registration);

    [LibraryImport("libc")]
    public static partial int epoll_wait(int epoll, void* events, int count, int timeoutMilliseconds);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int eventfd(uint initial, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int timerfd_create(int clock, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int timerfd_settime(int fd, int flags, TimerSpec* value, TimerSpec* old);

    [LibraryImport("libc")]
    public static partial int clock_nanosleep(int clock, int flags, TimeSpec* request, TimeSpec* remaining);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint read(int fd, void* buffer, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint write(int fd, void* buffer, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int getrlimit(int resource, ResourceLimit* limit);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setrlimit(int resource, ResourceLimit* limit);

    // A function of variable arguments: those that are no floating-point numbers are passed as any function's are, on both architectures.
    [LibraryImport("libc", SetLastError = true)]
    public static partial nint syscall(nint number, nint first, nint second, nint third, nint fourth, nint fifth, nint sixth);

    [LibraryImport("libc")]
    public static partial int sched_getscheduler(int thread);

    [LibraryImport("libc")]
    public static partial int getpriority(int which, uint who);

    [LibraryImport("libc", SetLastError = true)]
    public static partial void* mmap(void* address, nuint length, int protection, int flags, int fd, long offset);

    [LibraryImport("libc")]
    public static partial int munmap(void* address, nuint length);

    /// <summary>Sleeps until an instant of the stopwatch, which is CLOCK_MONOTONIC in nanoseconds; a signal may end it early.</summary>
    public static void SleepUntil(long timestamp)
    {
        if (Stopwatch.GetTimestamp() >= timestamp)
            return;
        var until = new TimeSpec { Seconds = timestamp / 1_000_000_000, Nanoseconds = timestamp % 1_000_000_000 };
        _ = clock_nanosleep(ClockMonotonic, TimerAbsolute, &until, null);
    }

    /// <summary>Waits until a socket can be read or written, or its connection has ended.</summary>
    /// <param name="socket">The socket; it stays open meanwhile.</param>
    /// <param name="what"><see cref="PollIn"/> or <see cref="PollOut"/>.</param>
    /// <param name="milliseconds">How long at most; -1: for ever.</param>
    /// <returns>False when the time has passed.</returns>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public static bool WaitFor(SafeHandle socket, short what, int milliseconds)
    {
        bool held = false;
        try
        {
            socket.DangerousAddRef(ref held);
            var request = new PollRequest { Descriptor = (int)socket.DangerousGetHandle(), Events = what };
            return poll(&request, 1, milliseconds) != 0;
        }
        finally
        {
            if (held)
                socket.DangerousRelease();
        }
    }

    /// <summary>struct mmsghdr.</summary>
    public struct MessageHeader
    {
        public byte* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public nint Flags;          // an int, and what pads struct msghdr
        public uint Length;
    }

    /// <summary>struct iovec.</summary>
    public struct IoVector
    {
        public byte* Base;
        public nuint Length;
    }

    /// <summary>struct pollfd.</summary>
    public struct PollRequest
    {
        public int Descriptor;
        public short Events, Returned;
    }

    /// <summary>struct timespec.</summary>
    public struct TimeSpec
    {
        public long Seconds, Nanoseconds;
    }

    /// <summary>struct itimerspec.</summary>
    public struct TimerSpec
    {
        public long IntervalSeconds, IntervalNanoseconds, ValueSeconds, ValueNanoseconds;
    }

    /// <summary>The number of sched_setattr, which the C library of older systems does not have; its numbers differ.</summary>
    public static nint SetScheduling { get; } = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 314 : 274;

    /// <summary>struct sched_attr, as far as it was there first.</summary>
    public struct Scheduling
    {
        public uint Size, Policy;
        public ulong Flags;
        public int Niceness;
        public uint Priority;
        public ulong RuntimeNanoseconds, DeadlineNanoseconds, PeriodNanoseconds;
    }

    /// <summary>struct rlimit.</summary>
    public struct ResourceLimit
    {
        public ulong Soft, Hard;
    }
}
