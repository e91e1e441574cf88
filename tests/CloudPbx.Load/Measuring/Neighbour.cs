using System.Diagnostics;

namespace CloudPbx.Load.Measuring;

/// <summary>
/// A process beside the measured one that makes garbage and collects it, as call control does in its worst minute: this program, with one argument. It has all cores, the
/// measured one's too.
/// </summary>
internal sealed class Neighbour : IDisposable
{
    /// <summary>The argument that makes the program a neighbour.</summary>
    public const string Argument = "--make-garbage";

    private readonly Process _process;

    private Neighbour(Process process) => _process = process;

    public static Neighbour Start() => new(Process.Start(new ProcessStartInfo(Environment.ProcessPath!, Argument) { RedirectStandardInput = true })
        ?? throw new InvalidOperationException("the neighbour did not start"));

    /// <summary>What it does until its input ends.</summary>
    public static void Run()
    {
        const int Kept = 200_000, Octets = 200;
        Cores.Release();
        bool ends = false;
        new Thread(() =>
        {
            _ = Console.In.Read();
            Volatile.Write(ref ends, true);
        }) { IsBackground = true }.Start();
        byte[][] kept = new byte[Kept][];
        for (int turn = 0; !Volatile.Read(ref ends); turn++)
        {
            for (int i = 0; i < Kept; i++)
                kept[(i * 7919) % Kept] = new byte[Octets];
            if (turn % 5 == 0)
                GC.Collect();
            Thread.Sleep(20);
        }
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(5000))
            _process.Kill();
        _process.Dispose();
    }
}
