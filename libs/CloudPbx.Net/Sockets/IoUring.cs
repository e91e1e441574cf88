using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CloudPbx.Net.Sockets;

/// <summary>
/// One io_uring of the kernel (io_uring(7)): requests are written to shared memory, handed over together by one system call, and answered in shared memory. With a ring of
/// buffers that the kernel receives datagrams into.
/// </summary>
/// <remarks>
/// Used by one thread, that which calls <see cref="Enable"/> (IORING_SETUP_SINGLE_ISSUER); what the kernel has to finish, it finishes while that thread is in <see cref="Enter"/>
/// (IORING_SETUP_DEFER_TASKRUN). Owns its descriptor and mappings. Linux 6.1 or later; where kernel, container or administrator refuse it, <see cref="TryCreate"/> says why.
/// </remarks>
internal sealed unsafe class IoUring : IDisposable
{
    private const long LongestWaitSeconds = 3600;
    private const int CompletionLength = 16, BufferEntryLength = 16;

    private readonly int _descriptor;
    private readonly byte* _rings, _buffers;
    private readonly nuint _ringsLength, _requestsLength, _buffersLength;
    private readonly Request* _requests;
    private readonly Completion* _completions;
    private readonly uint* _requestHead, _requestTail, _completionHead, _completionTail;
    private readonly uint _requestMask, _completionMask, _bufferMask;
    private uint _tail, _submitted;             // ours: what was written, and what the kernel has been told of
    private ushort _bufferTail;
    private int _files;
    private bool _isDisposed;

    private IoUring(int descriptor, in Parameters parameters, int bufferCount)
    {
        _descriptor = descriptor;
        _ringsLength = Math.Max(parameters.RequestOffsets.Array + (parameters.RequestEntries * sizeof(uint)), parameters.CompletionOffsets.Completions + (parameters.CompletionEntries * CompletionLength));
        _requestsLength = parameters.RequestEntries * (nuint)sizeof(Request);
        _buffersLength = (nuint)(bufferCount * BufferEntryLength);
        _rings = Map(_ringsLength, descriptor, Libc.IoUringRings);
        _requests = (Request*)Map(_requestsLength, descriptor, Libc.IoUringRequests);
        _buffers = Map(_buffersLength, -1, 0);
        _requestHead = (uint*)(_rings + parameters.RequestOffsets.Head);
        _requestTail = (uint*)(_rings + parameters.RequestOffsets.Tail);
        _completionHead = (uint*)(_rings + parameters.CompletionOffsets.Head);
        _completionTail = (uint*)(_rings + parameters.CompletionOffsets.Tail);
        _completions = (Completion*)(_rings + parameters.CompletionOffsets.Completions);
        CanGather = (parameters.Features & Libc.IoUringMinimumTimeout) != 0;
        (_requestMask, _completionMask, _bufferMask) = (parameters.RequestEntries - 1, parameters.CompletionEntries - 1, (uint)bufferCount - 1);
        uint* places = (uint*)(_rings + parameters.RequestOffsets.Array);
        for (uint i = 0; i < parameters.RequestEntries; i++)
            places[i] = i;                      // every request lies at its own place
    }

    /// <summary>Makes a ring.</summary>
    /// <param name="requests">Requests that fit between two system calls; a power of two.</param>
    /// <param name="completions">Answers that fit; a power of two. What does not fit is kept by the kernel.</param>
    /// <param name="buffers">How many buffers can be given to the kernel at a time; a power of two, 32768 at most.</param>
    /// <param name="files">For how many files the kernel shall keep places (<see cref="TrySetFile"/>); it keeps none where the process may not open so many.</param>
    /// <param name="ring">The ring, or null.</param>
    /// <returns>0, or the kernel's error number: ENOSYS and EPERM where it is not allowed, EINVAL where the kernel is too old.</returns>
    public static int TryCreate(int requests, int completions, int buffers, int files, [NotNullWhen(true)] out IoUring? ring)
    {
        ring = null;
        var parameters = new Parameters
        {
            CompletionEntries = (uint)completions,
            Flags = Libc.IoUringCompletionSize | Libc.IoUringSubmitAll | Libc.IoUringSingleIssuer | Libc.IoUringDeferTaskRun | Libc.IoUringDisabled,
        };
        int descriptor = (int)Libc.syscall(Libc.IoUringSetup, requests, (nint)(&parameters), 0, 0, 0, 0);
        if (descriptor < 0)
            return Marshal.GetLastPInvokeError();
        IoUring made;
        try
        {
            made = new IoUring(descriptor, parameters, buffers);
        }
        catch (InvalidOperationException)
        {
            _ = Libc.close(descriptor);
            return Libc.ENoMemory;
        }
        var registration = new BufferRegistration { Address = (ulong)made._buffers, Entries = (uint)buffers };
        if (Libc.syscall(Libc.IoUringRegister, descriptor, Libc.IoUringRegisterBuffers, (nint)(&registration), 1, 0, 0) < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            made.Dispose();
            return error;
        }
        var places = new FileRegistration { Count = (uint)files, Flags = Libc.IoUringRegisterSparse };
        if (Libc.syscall(Libc.IoUringRegister, descriptor, Libc.IoUringRegisterFiles, (nint)(&places), sizeof(FileRegistration), 0, 0) >= 0)
            made._files = files;
        ring = made;
        return 0;
    }

    /// <summary>Whether <see cref="Enter"/> may be given a time to gather answers in.</summary>
    public bool CanGather { get; }

    /// <summary>Whether the kernel has taken all requests.</summary>
    public bool IsHandedOver => _submitted == _tail;

    /// <summary>Begins: from now on the ring is the calling thread's.</summary>
    public void Enable() => _ = Libc.syscall(Libc.IoUringRegister, _descriptor, Libc.IoUringRegisterEnable, 0, 0, 0, 0);

    /// <summary>Registers a file under a number, by which requests may name it then (IOSQE_FIXED_FILE), or takes it out again: the kernel holds it until then.</summary>
    /// <param name="place">The number.</param>
    /// <param name="descriptor">The file; -1 for none.</param>
    /// <returns>False where there is no such place.</returns>
    public bool TrySetFile(int place, int descriptor)
    {
        if ((uint)place >= (uint)_files)
            return false;
        var update = new FileUpdate { Place = (uint)place, Descriptors = (ulong)&descriptor };
        return Libc.syscall(Libc.IoUringRegister, _descriptor, Libc.IoUringRegisterFilesUpdate, (nint)(&update), 1, 0, 0) == 1;
    }

    /// <summary>Answers that wait.</summary>
    public int CompletionCount
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (int)(Volatile.Read(ref *_completionTail) - *_completionHead);
    }

    /// <summary>An empty request to be filled in before the next <see cref="Enter"/>; where no room is left, what was written is handed over first.</summary>
    public Request* Next()
    {
        while (_tail - Volatile.Read(ref *_requestHead) > _requestMask)
            _ = Enter(0);
        Request* request = _requests + (_tail++ & _requestMask);
        *request = default;
        return request;
    }

    /// <summary>Hands over what was written, has the kernel finish what it can, and waits.</summary>
    /// <param name="wait">For how many answers: 0 does not wait.</param>
    /// <param name="gatherMicroseconds">With this, one answer is enough once so much time has passed (Linux 6.12).</param>
    /// <returns>0, or the error number: EINTR where a signal came, EBUSY where answers have to be read first.</returns>
    public int Enter(int wait, int gatherMicroseconds = 0)
    {
        Volatile.Write(ref *_requestTail, _tail);
        uint count = _tail - _submitted;
        nint taken;
        if (gatherMicroseconds == 0)
        {
            taken = Libc.syscall(Libc.IoUringEnter, _descriptor, (nint)count, wait, Libc.IoUringGetEvents, 0, 0);
        }
        else
        {
            // Without a time-out of its own the wait ends with the minimum, answers or not: an idle loop would run round and round.
            var longest = new Libc.TimeSpec { Seconds = LongestWaitSeconds };
            var argument = new WaitArgument { MinimumMicroseconds = (uint)gatherMicroseconds, Timeout = (ulong)&longest };
            taken = Libc.syscall(Libc.IoUringEnter, _descriptor, (nint)count, wait, Libc.IoUringGetEvents | Libc.IoUringExtendedArgument, (nint)(&argument), sizeof(WaitArgument));
        }
        int error = taken < 0 ? Marshal.GetLastPInvokeError() : 0;
        _submitted = Volatile.Read(ref *_requestHead);      // what was taken, whatever became of the wait
        return error;
    }

    /// <summary>Hands over what was written, and that is all: nothing is received meanwhile.</summary>
    public void Submit()
    {
        Volatile.Write(ref *_requestTail, _tail);
        if (_tail != _submitted)
            _ = Libc.syscall(Libc.IoUringEnter, _descriptor, (nint)(_tail - _submitted), 0, 0, 0, 0);
        _submitted = Volatile.Read(ref *_requestHead);
    }

    /// <summary>An answer that waits.</summary>
    /// <param name="index">From 0, below <see cref="CompletionCount"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref readonly Completion At(int index) => ref _completions[(*_completionHead + (uint)index) & _completionMask];

    /// <summary>Gives back the places of answers that were read.</summary>
    public void Advance(int count) => Volatile.Write(ref *_completionHead, *_completionHead + (uint)count);

    /// <summary>Gives the kernel a buffer to receive into; it comes back in an answer. <see cref="PublishBuffers"/> tells the kernel.</summary>
    /// <param name="at">Pinned or native.</param>
    /// <param name="length">Octets.</param>
    /// <param name="number">What the answer calls it.</param>
    public void Give(byte* at, int length, ushort number)
    {
        var entry = (BufferEntry*)(_buffers + ((_bufferTail++ & _bufferMask) * BufferEntryLength));
        (entry->Address, entry->Length, entry->Number) = ((ulong)at, (uint)length, number);     // not the rest: in the first entry that is the ring's tail
    }

    /// <summary>Tells the kernel of the buffers that were given.</summary>
    public void PublishBuffers() => Volatile.Write(ref *(ushort*)(_buffers + BufferEntryLength - sizeof(ushort)), _bufferTail);

    /// <summary>Ends all requests and frees the ring.</summary>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        _ = Libc.munmap(_requests, _requestsLength);
        _ = Libc.munmap(_rings, _ringsLength);
        _ = Libc.close(_descriptor);
        _ = Libc.munmap(_buffers, _buffersLength);
    }

    private static byte* Map(nuint length, int descriptor, long offset)
    {
        void* at = Libc.mmap(null, length, Libc.ProtReadWrite, descriptor < 0 ? Libc.MapPrivateAnonymous : Libc.MapSharedPopulate, descriptor, offset);
        return at != (void*)-1 ? (byte*)at : throw new InvalidOperationException("No memory for a ring.");
    }

    /// <summary>struct io_uring_sqe.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 64)]
    public struct Request
    {
        [FieldOffset(0)] public byte Operation;
        [FieldOffset(1)] public byte Flags;
        [FieldOffset(2)] public ushort Priority;
        [FieldOffset(4)] public int Descriptor;
        [FieldOffset(8)] public ulong SecondAddress;
        [FieldOffset(16)] public ulong Address;
        [FieldOffset(24)] public uint Length;
        [FieldOffset(28)] public uint OperationFlags;
        [FieldOffset(32)] public ulong Key;
        [FieldOffset(40)] public ushort BufferGroup;
        [FieldOffset(44)] public ushort AddressLength;
    }

    /// <summary>struct io_uring_cqe.</summary>
    public readonly struct Completion
    {
        public readonly ulong Key;
        public readonly int Result;
        public readonly uint Flags;
    }

    private struct Parameters
    {
        public uint RequestEntries, CompletionEntries, Flags, ThreadCpu, ThreadIdle, Features, WorkQueue;
        public fixed uint Reserved[3];
        public RequestOffsets RequestOffsets;
        public CompletionOffsets CompletionOffsets;
    }

    private struct RequestOffsets
    {
        public uint Head, Tail, Mask, Entries, Flags, Dropped, Array, Reserved;
        public ulong UserAddress;
    }

    private struct CompletionOffsets
    {
        public uint Head, Tail, Mask, Entries, Overflow, Completions, Flags, Reserved;
        public ulong UserAddress;
    }

    private struct BufferRegistration
    {
        public ulong Address;
        public uint Entries;
        public ushort Group, Flags;
        public fixed ulong Reserved[3];
    }

    private struct FileRegistration
    {
        public uint Count, Flags;
        public ulong Reserved, Descriptors, Tags;
    }

    private struct FileUpdate
    {
        public uint Place, Reserved;
        public ulong Descriptors;
    }

    [StructLayout(LayoutKind.Sequential, Size = BufferEntryLength)]
    private struct BufferEntry
    {
        public ulong Address;
        public uint Length;
        public ushort Number;
    }

    private struct WaitArgument
    {
        public ulong Signals;
        public uint SignalsLength, MinimumMicroseconds;
        public ulong Timeout;
    }
}
