using System.Net;
using System.Net.Sockets;
using System.Text;
using CloudPbx.Scenarios.BuiltIn;
using CloudPbx.TestKit;

namespace CloudPbx.Scenarios;

/// <inheritdoc/>
public sealed class TcpTortureScenarios(ProductFixture fixture) : TortureScenarios(fixture), IClassFixture<ProductFixture>
{
    [Theory]
    [MemberData(nameof(Messages))]
    public async Task A_torture_message_gets_its_verdict_over_TCP(string file)
    {
        await FoundAsync();
        TortureMessage message = MessageOf(file);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port, Cancel);
        await client.GetStream().WriteAsync(message.Octets, Cancel);
        List<int> statuses = [];
        if (message.Name != "clerr")                // its body never comes to its end: the server waits, and is left
        {
            await client.GetStream().WriteAsync(Probe("TCP", client.Client.LocalEndPoint!), Cancel);
            statuses = await ReadStatusesAsync(client.GetStream());
            if (IsAnswered(message)) Assert.NotEmpty(statuses);
        }
        AssertVerdict(message, statuses);

        using var again = new TcpClient();          // it lives on
        await again.ConnectAsync(IPAddress.Loopback, Port, Cancel);
        await again.GetStream().WriteAsync(Probe("TCP", again.Client.LocalEndPoint!), Cancel);
        Assert.Empty(await ReadStatusesAsync(again.GetStream()));
    }

    /// <summary>The answers that come before the probe's own, or until the server closes over a framing error.</summary>
    private static async Task<List<int>> ReadStatusesAsync(NetworkStream stream)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        deadline.CancelAfter(Deadlines.Signalling);
        List<int> statuses = [];
        string text = "";
        bool probed = false;
        byte[] buffer = new byte[4096];
        try
        {
            int length;
            while ((length = await stream.ReadAsync(buffer, deadline.Token)) > 0)
            {
                text += Encoding.Latin1.GetString(buffer, 0, length);
                int end;
                while ((end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal)) >= 0)     // answers have no bodies
                {
                    (int status, bool isProbe) = Read(Encoding.Latin1.GetBytes(text[..end]));
                    text = text[(end + 4)..];
                    if (!isProbe)
                    {
                        statuses.Add(status);
                        continue;
                    }
                    Assert.Equal(200, status);
                    probed = true;
                }
                // The worker's answer may come after the edge's: the probe is answered by the worker too, on the same link, in order.
                if (probed) break;
            }
        }
        catch (IOException)
        {
            // reset: the server gave the connection up
        }
        return statuses;
    }
}
