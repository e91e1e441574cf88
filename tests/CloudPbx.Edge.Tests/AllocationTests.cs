using System.Net;
using CloudPbx.Edge.Dispatch;
using CloudPbx.Edge.Listeners;
using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;
using CloudPbx.TestKit;
using Microsoft.Extensions.DependencyInjection;
using static CloudPbx.Edge.Tests.TestEdge;

namespace CloudPbx.Edge.Tests;

public class AllocationTests
{
    private const int Rounds = 2000;

    [Fact]
    public async Task A_request_from_UDP_is_forwarded_without_allocation()
    {
        await using TestEdge edge = await StartAsync();
        edge.Worker.Answer = _ => null;
        MessageDispatcher dispatcher = edge.Services.GetRequiredService<MessageDispatcher>();
        UdpListener listener = edge.Services.GetRequiredService<OpenFlows>().Sockets[0];
        byte[] invite = Corpus.Load("captured/invite-with-sdp.sip");
        var remote = InternetEndPoint.From(new IPEndPoint(IPAddress.Loopback, 5999));

        long perMessage = Measure(() => dispatcher.FromPeer(new Peer(listener, remote), invite));
        // The growth of the link's batch buffer may count now and then; a message must not.
        Assert.InRange(perMessage, 0, 64);
    }

    [Fact]
    public void Reading_deciding_and_rewriting_allocate_nothing()
    {
        byte[] invite = Corpus.Load("captured/invite-with-sdp.sip");
        var directory = new DirectoryIndex(TestEdge.Directory(Acme), ["localhost"]);
        EdgeKey key = EdgeKey.CreateRandom();
        var source = InternetEndPoint.From(new IPEndPoint(IPAddress.Loopback, 5999));
        byte[] buffer = new byte[invite.Length + StatelessForwarder.Room];
        long perMessage = Measure(() =>
        {
            if (SipMessageView.Parse(invite, out SipMessageView view) != SipParseError.None || view.FindFault() != SipParseError.None)
                throw new InvalidOperationException();
            _ = TenantFinder.Find(view, directory, directory.Carriers.Find(default), null, out Guid tenant, out _);
            var context = new InwardRequest { Tenant = tenant, EdgeId = 1, Key = key, FlowToken = "AAAA"u8, Source = source };
            if (StatelessForwarder.WriteRequestInward(view, context, buffer) == 0)
                throw new InvalidOperationException();
        });
        Assert.Equal(0, perMessage);
    }

    private static long Measure(Action action)
    {
        for (int i = 0; i < Rounds; i++)
            action();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Rounds; i++)
            action();
        return (GC.GetAllocatedBytesForCurrentThread() - before) / Rounds;
    }
}
