using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;

namespace CloudPbx.Hosting.Memory;

/// <summary>
/// Gives memory that nothing holds any more back to the system when hardly anybody asks for anything. By itself the collector lets garbage lie until much more is asked for. For
/// processes alone that may pause for some tenths of a second: never one that handles media.
/// </summary>
/// <param name="time">The clock of its looks.</param>
/// <param name="state">How the heap stands.</param>
/// <param name="worth">How many bytes are worth a pause.</param>
public sealed partial class SpareMemory(TimeProvider time, Func<HeapState> state, long worth = QuietMoments.Worth) : IHostedService, IDisposable
{
    private const int MaximalArenas = -8;               // M_ARENA_MAX of malloc.h

    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(3);

    private readonly QuietMoments _moments = new(worth);
    private ITimer? _timer;
    private int _looking;

    /// <summary>How the heap stands for a process that has no idea which part of what it allocated is garbage: all of it may be.</summary>
    public static HeapState AllMayBeGarbage()
    {
        long allocated = GC.GetTotalAllocatedBytes();
        return new HeapState(allocated, 0, 0, allocated);
    }

    /// <summary>
    /// Has the threads that begin from now on share two arenas of glibc, as <c>MALLOC_ARENA_MAX=2</c> does: with an arena for each, what one compiled a start's code with and freed is
    /// no other's. To be called first of all, by a process that begins with many threads and is mostly idle then.
    /// </summary>
    public static void ShareArenas() => IfGlibc(static () => SetNativeOption(MaximalArenas, 2));

    /// <summary>Gives back now: garbage, and what native code (the compiler of a start, TLS, SQLite) has freed and glibc keeps.</summary>
    public static void GiveBack()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        IfGlibc(static () => TrimNative(0));
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _timer = time.CreateTimer(_ => Look(), null, s_interval, s_interval);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();

    private static void IfGlibc(Func<int> call)
    {
        try
        {
            _ = call();
        }
        catch (Exception fault) when (fault is DllNotFoundException or EntryPointNotFoundException)
        {
            // Another C library, without arenas.
        }
    }

    [LibraryImport("libc.so.6", EntryPoint = "malloc_trim")]
    private static partial int TrimNative(nuint keep);

    [LibraryImport("libc.so.6", EntryPoint = "mallopt")]
    private static partial int SetNativeOption(int option, int value);

    private void Look()
    {
        if (Interlocked.Exchange(ref _looking, 1) != 0)
            return;                                     // a look that took longer than the interval
        try
        {
            if (!_moments.Look(state()))
                return;
            GiveBack();
            _moments.Collected(state());
        }
        finally
        {
            Volatile.Write(ref _looking, 0);
        }
    }
}
