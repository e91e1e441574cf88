using CloudPbx.Rtp.Packets;
using CloudPbx.Rtp.Security;
using CloudPbx.Rtp.Security.Dtls;

namespace CloudPbx.Rtp.Tests.Security;

public sealed class DtlsAssociationTests
{
    public DtlsAssociationTests()
    {
        if (!DtlsCertificate.IsAvailable)
            Assert.Skip(DtlsCertificate.Missing);
    }

    [Fact]
    public void Both_ends_have_the_same_keys_and_speak_SRTP()                    // RFC 5764 §4.2
    {
        (DtlsAssociation client, DtlsAssociation server) = Pair();
        Shake(client, server);
        Assert.Equal((DtlsState.Established, DtlsState.Established, SrtpProfile.AeadAes128Gcm), (client.State, server.State, server.Profile));
        Assert.True(client.TryMakeContexts(out SrtpContext? clientSends, out SrtpContext? clientHears));
        Assert.True(server.TryMakeContexts(out SrtpContext? serverSends, out SrtpContext? serverHears));
        Passes(clientSends!, serverHears!);
        Passes(serverSends!, clientHears!);
        client.Dispose();
        server.Dispose();
    }

    [Fact]
    public void Another_certificate_than_described_gets_no_keys()                // RFC 5763 §5
    {
        DtlsCertificate mine = new(DateTimeOffset.UtcNow), other = new(DateTimeOffset.UtcNow), third = new(DateTimeOffset.UtcNow);
        using DtlsAssociation server = Make(mine, false, third), client = Make(other, true, mine);
        Shake(client, server);
        Assert.Equal(DtlsState.Failed, server.State);
        Assert.False(server.TryMakeContexts(out _, out _));
    }

    [Theory]                                                                     // SECURITY.md S16 (CVE-2023-49786)
    [InlineData(0xFEFD, 0x0002)]                                                 // TLS_RSA_WITH_NULL_SHA and nothing else
    [InlineData(0xFEFD, 0x00FF)]                                                 // no cipher at all
    [InlineData(0xFEFF, 0xC02B)]                                                 // DTLS 1.0
    public void Who_fails_first_does_not_keep_the_peer_out(int version, int cipher)
    {
        (DtlsAssociation client, DtlsAssociation server) = Pair();
        for (int i = 0; i < 3; i++)
        {
            server.Receive(ClientHello.Of(version, cipher));
            Assert.Equal(DtlsState.Failed, server.State);
            Assert.True(server.TryTake(out ReadOnlySpan<byte> alert));           // RFC 5246 §7.2.2: it is told why
            Assert.Equal(21, alert[0]);
            Assert.True(server.BeginAgain());
        }
        Shake(client, server);
        Assert.Equal((DtlsState.Established, DtlsState.Established), (client.State, server.State));
        Assert.False(server.BeginAgain());                                       // there are keys: nobody takes them away
        client.Dispose();
        server.Dispose();
    }

    [Fact]
    public void Who_shows_another_certificate_first_does_not_keep_the_peer_out()
    {
        DtlsCertificate mine = new(DateTimeOffset.UtcNow), other = new(DateTimeOffset.UtcNow), theirs = new(DateTimeOffset.UtcNow);
        using DtlsAssociation server = Make(mine, false, theirs), stranger = Make(other, true, mine), peer = Make(theirs, true, mine);
        Shake(stranger, server);
        Assert.Equal(DtlsState.Failed, server.State);
        Assert.True(server.BeginAgain());
        Shake(peer, server);
        Assert.Equal((DtlsState.Established, DtlsState.Established), (peer.State, server.State));
    }

    [Fact]
    public void A_client_that_failed_does_not_begin_again()
    {
        DtlsCertificate mine = new(DateTimeOffset.UtcNow), other = new(DateTimeOffset.UtcNow), theirs = new(DateTimeOffset.UtcNow);
        using DtlsAssociation client = Make(mine, true, theirs), server = Make(other, false, mine);
        Shake(client, server);
        Assert.Equal(DtlsState.Failed, client.State);
        Assert.False(client.BeginAgain());
    }

    [Fact]
    public void No_datagram_is_longer_than_the_path_bears()
    {
        (DtlsAssociation client, DtlsAssociation server) = Pair();
        Assert.True(Shake(client, server) <= DtlsAssociation.MaxDatagram);
        client.Dispose();
        server.Dispose();
    }

    [Fact]
    public void A_ClientHello_in_two_datagrams_is_put_together()                 // as Chromium sends it
    {
        (DtlsAssociation client, DtlsAssociation server) = Pair();
        client.Start();
        Assert.True(client.TryTake(out ReadOnlySpan<byte> hello));
        foreach (byte[] part in Fragments(hello.ToArray()))
            server.Receive(part);
        Shake(client, server);
        Assert.Equal(DtlsState.Established, server.State);
        client.Dispose();
        server.Dispose();
    }

    [Fact]
    public void Noise_neither_throws_nor_ends_it()
    {
        (DtlsAssociation client, DtlsAssociation server) = Pair();
        var random = new Random(6);
        for (int i = 0; i < 2000; i++)
        {
            byte[] noise = new byte[random.Next(1, 300)];
            random.NextBytes(noise);
            if (i % 2 == 0)
                noise[0] = 22;
            server.Receive(noise);
            while (server.TryTake(out _))
                ;
        }
        Assert.Equal(DtlsState.Handshaking, server.State);
        Shake(client, server);
        Assert.Equal((DtlsState.Established, DtlsState.Established), (client.State, server.State));
        client.Dispose();
        server.Dispose();
        server.Receive([22, 1, 2]);                                             // after its end: nothing
        server.Tick();
        Assert.False(server.TryTake(out _));
    }

    private static (DtlsAssociation Client, DtlsAssociation Server) Pair()
    {
        DtlsCertificate a = new(DateTimeOffset.UtcNow), b = new(DateTimeOffset.UtcNow);
        return (Make(a, true, b), Make(b, false, a));
    }

    private static DtlsAssociation Make(DtlsCertificate ours, bool client, DtlsCertificate theirs) =>
        new(ours, client, "sha-256", theirs.Fingerprint["sha-256 ".Length..].Replace(":", "", StringComparison.Ordinal));

    /// <summary>Carries datagrams to and fro until both are done.</summary>
    /// <returns>Octets of the longest.</returns>
    private static int Shake(DtlsAssociation client, DtlsAssociation server)
    {
        int longest = 0;
        client.Start();
        for (int turn = 0; turn < 10; turn++)
        {
            while (client.TryTake(out ReadOnlySpan<byte> datagram))
            {
                longest = Math.Max(longest, datagram.Length);
                server.Receive(datagram.ToArray());
            }
            while (server.TryTake(out ReadOnlySpan<byte> datagram))
            {
                longest = Math.Max(longest, datagram.Length);
                client.Receive(datagram.ToArray());
            }
        }
        return longest;
    }

    private static void Passes(SrtpContext from, SrtpContext to)
    {
        byte[] packet = new byte[200];
        RtpHeader.Write(packet, 8, false, 1, 160, 77);
        Assert.Equal(SrtpError.None, from.ProtectRtp(packet, 172, out int length));
        Assert.Equal(SrtpError.None, to.UnprotectRtp(packet.AsSpan(0, length), out length));
        Assert.Equal(172, length);
    }

    /// <summary>One record with one handshake message becomes two records with a fragment each (RFC 6347 §4.2.3).</summary>
    private static IEnumerable<byte[]> Fragments(byte[] datagram)
    {
        byte[] body = datagram[25..];
        int half = body.Length / 2;
        foreach ((int at, int length, byte number) in new[] { (0, half, (byte)50), (half, body.Length - half, (byte)51) })
        {
            byte[] record = [.. datagram[..25], .. body[at..(at + length)]];
            record[10] = number;                                                // the record's sequence number, not far from what comes next: there is a replay window
            (record[11], record[12]) = ((byte)((length + 12) >> 8), (byte)(length + 12));
            (record[19], record[20], record[21]) = (0, (byte)(at >> 8), (byte)at);
            (record[22], record[23], record[24]) = (0, (byte)(length >> 8), (byte)length);
            yield return record;
        }
    }
}
