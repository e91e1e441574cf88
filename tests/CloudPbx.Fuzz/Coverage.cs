using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;
using SharpFuzz;

namespace CloudPbx.Fuzz;

/// <summary>
/// Which branches of the libs an input took. SharpFuzz writes a count for each pair of places into 64 KiB; an input that makes a pair, or a new order
/// of magnitude of its count, is one to go on from.
/// </summary>
/// <remarks>
/// Works in a process whose libs were instrumented: <see cref="RunInstrumentedAsync"/> starts one on copies, so the build stays as it is. Such libs write
/// their counts from their first call on, so the memory is there before, and stays.
/// </remarks>
internal sealed class Coverage
{
    private const int Size = 1 << 16;
    private const string Mark = "CLOUDPBX_FUZZ_COVERAGE";
    private static readonly string[] s_libs = ["CloudPbx.Net.dll", "CloudPbx.Rtp.dll", "CloudPbx.Sdp.dll", "CloudPbx.Sip.dll"];

    private readonly unsafe byte* _counts = (byte*)NativeMemory.AllocZeroed(Size);
    private readonly byte[] _seen = new byte[Size];         // a bit for each order of magnitude

    private unsafe Coverage() => SharpFuzz.Common.Trace.SharedMem = _counts;

    /// <summary>Pairs of places seen so far.</summary>
    public int Pairs { get; private set; }

    /// <summary>Coverage of this process; null when its libs are not instrumented.</summary>
    public static Coverage? OfThisProcess { get; private set; }

    /// <summary>To be called before any lib is.</summary>
    public static void Begin()
    {
        if (Environment.GetEnvironmentVariable(Mark) is not null)
            OfThisProcess = new Coverage();
    }

    /// <summary>Copies this program, instruments the copies of our libs, and runs it.</summary>
    /// <returns>Its exit code.</returns>
    public static async Task<int> RunInstrumentedAsync(string[] arguments)
    {
        DirectoryInfo copy = Directory.CreateTempSubdirectory("pbx-fuzz-");
        try
        {
            foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory))
                File.Copy(file, Path.Combine(copy.FullName, Path.GetFileName(file)));
            foreach (string lib in s_libs)
                Fuzzer.Instrument(Path.Combine(copy.FullName, lib), static _ => true, Options.Value);
            var start = new ProcessStartInfo("dotnet", [Path.Combine(copy.FullName, "CloudPbx.Fuzz.dll"), .. arguments]);
            start.Environment[Mark] = "1";
            using Process process = Process.Start(start)!;
            await process.WaitForExitAsync();
            return process.ExitCode;
        }
        finally
        {
            copy.Delete(recursive: true);
        }
    }

    /// <summary>Looks at what the last input did, and forgets it.</summary>
    /// <returns>Whether it went where none went before.</returns>
    public unsafe bool IsNew()
    {
        bool found = false;
        var counts = new Span<byte>(_counts, Size);
        Span<Vector<byte>> blocks = MemoryMarshal.Cast<byte, Vector<byte>>(counts);
        for (int block = 0; block < blocks.Length; block++)
        {
            if (blocks[block] == Vector<byte>.Zero)
                continue;
            for (int i = block * Vector<byte>.Count; i < (block + 1) * Vector<byte>.Count; i++)
            {
                if (counts[i] == 0)
                    continue;
                byte magnitude = (byte)(1 << BitOperations.Log2(counts[i]));
                if ((_seen[i] & magnitude) != 0)
                    continue;
                Pairs += _seen[i] == 0 ? 1 : 0;
                _seen[i] |= magnitude;
                found = true;
            }
            blocks[block] = Vector<byte>.Zero;
        }
        return found;
    }
}
