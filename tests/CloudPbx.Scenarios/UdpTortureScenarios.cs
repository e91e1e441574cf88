using System.Net;
using System.Net.Sockets;
using CloudPbx.Scenarios.BuiltIn;
using CloudPbx.TestKit;

namespace CloudPbx.Scenarios;

/// <inheritdoc/>
public sealed class UdpTortureScenarios(ProductFixture fixture) : TortureScenarios(fixture), IClassFixture<ProductFixture>
{
    [Theory]
    [MemberData(nameof(Messages))]
    public async Task A_torture_message_gets_its_verdict_over_UDP(string file)
    {
        await FoundAsync();
        TortureMessage message = MessageOf(file);
        // Without rport the answer goes to the port that the message's Via names (RFC 3261 §18.2.2). One source for all of them: some are
        // repeats of each other to a transaction layer, and a repeat is answered where the first one came from.
        var source = new IPAddress([127, 7, 5, 1]);
        using var socket = new UdpClient(new IPEndPoint(source, 5060));
        var server = new IPEndPoint(IPAddress.Loopback, Port);
        await socket.SendAsync(message.Octets, server, Cancel);
        List<int> statuses = [];
        // Its answers, then the answer to a probe that was sent after it: what comes later is looked at no more.
        await socket.SendAsync(Probe("UDP", socket.Client.LocalEndPoint!), server, Cancel);
        bool probed = false;
        while (!probed || (statuses.Count == 0 && IsAnswered(message)))
        {
            UdpReceiveResult received = await socket.ReceiveAsync(Cancel).AsTask().WaitAsync(Deadlines.Signalling, Cancel);
            (int status, bool isProbe) = Read(received.Buffer);
            if (!isProbe)
            {
                if (Answers(received.Buffer, message))
                    statuses.Add(status);
                continue;
            }
            Assert.Equal(200, status);
            probed = true;
        }
        AssertVerdict(message, statuses);
    }
}
