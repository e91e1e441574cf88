using System.Net;
using System.Net.Sockets;
using CloudPbx.TestKit.Processes;

namespace CloudPbx.Scenarios.Attacks;

/// <summary>The tools of SIPVicious.</summary>
internal static class Scanner
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <summary>Runs one.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <param name="command">Which, and its arguments.</param>
    /// <returns>What it said.</returns>
    public static async Task<string> RunAsync(string folder, CancellationToken cancel, params string[] command)
    {
        (_, string output) = await ChildProcess.RunAsync([Tools.Find(command[0])!, .. command[1..]], folder, deadline: s_patience, cancel: cancel);
        return output;
    }

    /// <summary>
    /// Has it answered in full. Whoever has sent less than his answers would be long gets some of them in their shortest form (S32). By how long its numbers happen to be the scanner would then meet one that
    /// it cannot read, at which it ends without a word of the extensions that follow: what it says would be chance.
    /// </summary>
    /// <param name="port">The scanner's port.</param>
    /// <param name="target">The product's.</param>
    /// <param name="cancel">Ends the wait.</param>
    public static async Task EarnAnswersAsync(int port, int target, CancellationToken cancel)
    {
        using UdpClient scanner = new(new IPEndPoint(IPAddress.Loopback, port));
        await EarnAnswersAsync(scanner, target, cancel);
    }

    /// <summary>The same for one that has its socket already.</summary>
    public static async Task EarnAnswersAsync(UdpClient scanner, int target, CancellationToken cancel)
    {
        byte[] nothing = [.. Enumerable.Repeat("\r\n"u8.ToArray(), 600).SelectMany(line => line)];
        for (int i = 0; i < 20; i++)
            await scanner.SendAsync(nothing, new IPEndPoint(IPAddress.Loopback, target), cancel);
    }
}
