using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CloudPbx.Net.Sockets;

[assembly: DisableRuntimeMarshalling]

namespace CloudPbx.Load.Sockets;

/// <summary>The Linux calls of the generators and of the measuring, beyond those that the product itself needs. Values are those of Linux.</summary>
internal static unsafe partial class Posix
{
    public const int DontWait = 0x40, WaitForOne = 0x10000, NoSignal = 0x4000;
    public const short PollIn = 1;
    private const int SolSocket = 1, TimestampNanoseconds = 35;

    [LibraryImport("libc", SetLastError = true)]
    public static partial int recvmmsg(int fd, MessageHeader* messages, uint count, int flags, void* timeout);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int sendmmsg(int fd, MessageHeader* messages, uint count, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint send(int fd, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int ppoll(PollEntry* entries, nuint count, TimeSpec* timeout, void* signals);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int clock_gettime(int clock, TimeSpec* time);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int sched_setaffinity(int task, nuint length, void* mask);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setpriority(int which, uint who, int niceness);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setsockopt(int fd, int level, int name, void* value, uint length);

    /// <summary>Has the kernel say when each datagram of a socket came.</summary>
    public static void Stamp(int fd)
    {
        int on = 1;
        _ = setsockopt(fd, SolSocket, TimestampNanoseconds, &on, sizeof(int));
    }

    /// <summary>When a datagram came, in nanoseconds of the wall clock; 0 where the kernel does not say.</summary>
    public static long StampOf(in MessageHeader header)
    {
        // struct cmsghdr: a length, level and type, then the struct timespec.
        byte* control = (byte*)header.Control;
        if (header.ControlLength < 16 + 16 || *(int*)(control + 8) != SolSocket || *(int*)(control + 12) != TimestampNanoseconds)
            return 0;
        return (*(long*)(control + 16) * 1_000_000_000) + *(long*)(control + 24);
    }

    /// <summary>The wall clock in nanoseconds.</summary>
    public static long WallClock()
    {
        TimeSpec time;
        _ = clock_gettime(0, &time);
        return (time.Seconds * 1_000_000_000) + time.Nanoseconds;
    }

    /// <summary>struct timespec.</summary>
    public struct TimeSpec
    {
        public long Seconds, Nanoseconds;

        public static TimeSpec Of(long nanoseconds) => new() { Seconds = nanoseconds / 1_000_000_000, Nanoseconds = nanoseconds % 1_000_000_000 };
    }

    /// <summary>struct pollfd.</summary>
    public struct PollEntry
    {
        public int Descriptor;
        public short Wanted, Got;
    }

    /// <summary>struct iovec.</summary>
    public struct Slice
    {
        public byte* Start;
        public nuint Length;
    }

    /// <summary>struct mmsghdr on 64-bit systems: a struct msghdr of 56 octets, of which the last 4 are padding, and the length that came of it.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 64)]
    public struct MessageHeader
    {
        public UdpAddress* Name;
        public uint NameLength;
        public Slice* Slices;
        public nuint SliceCount;
        public void* Control;
        public nuint ControlLength;
        public long Flags;
        public uint Length;
    }
}
