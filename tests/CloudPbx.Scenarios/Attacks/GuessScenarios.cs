using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using CloudPbx.Scenarios.BuiltIn;
using CloudPbx.Sip.Transport;
using CloudPbx.Softphone;

namespace CloudPbx.Scenarios.Attacks;

/// <summary>SECURITY.md S3: the password of one account is guessed, from one address and from a thousand, while its phone goes on. A product of its own, since many addresses end up banned.</summary>
public sealed partial class GuessScenarios(ProductFixture fixture) : IClassFixture<ProductFixture>
{
    private const int Guesses = 10_000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 600)]                                          // eight that count; of those within a second few do
    [InlineData(1000, 2500)]                                      // each source's first, at most, until all workers' counts are together; then one a second
    public async Task S3_ten_thousand_wrong_passwords_from_so_many_addresses_are_mostly_not_answered_and_the_phone_does_not_notice(int sources, int most)
    {
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        Phone phone = await company.RegisterAsync("100", SipTransport.Udp), other = await company.RegisterAsync("101", SipTransport.Tls);
        // Addresses of its own in each run: those of the other one may be banned.
        Guesser[] guessers = await Task.WhenAll(Enumerable.Range(0, sources).Select(i =>
            Guesser.ConnectAsync(IPAddress.Parse($"127.{(sources == 1 ? 31 : 32)}.{i / 250}.{i % 250 + 1}"), fixture.Pbx.SipPort, "100", company.Domain, Cancel)));
        try
        {
            for (int asked = 0; asked < Guesses; asked += 1000)
            {
                await Task.WhenAll(guessers.Select(guesser => guesser.GuessAsync(1000 / sources, Cancel)));
                Assert.True((await phone.RegisterAsync().WaitAsync(Deadlines.Signalling)).IsRegistered);
            }
            (PhoneCall caller, _) = await CallScenarios.TalkAsync(other, phone, "100");
            await caller.HangUpAsync();
        }
        finally
        {
            foreach (Guesser guesser in guessers)
                guesser.Dispose();
        }
        Assert.InRange(guessers.Sum(guesser => guesser.Refusals), 1, most);
        Assert.True((await (await company.StartAsync(company.Account("101", SipTransport.Udp))).RegisterAsync().WaitAsync(Deadlines.Signalling)).IsRegistered);      // no other account is concerned
    }

    /// <summary>Guesses over TCP from an address of its own: what is too much for the edge waits there, and is not lost.</summary>
    private sealed partial class Guesser : IDisposable
    {
        private readonly TcpClient _client;
        private readonly string _user, _domain, _nonce;
        private readonly byte[] _buffer = new byte[16_384];
        private readonly Task _reading;
        private int _refusals, _number;

        private Guesser(TcpClient client, string user, string domain, string nonce)
        {
            (_client, _user, _domain, _nonce) = (client, user, domain, nonce);
            _reading = ReadAsync();
        }

        /// <summary>Answers to its guesses.</summary>
        public int Refusals => Volatile.Read(ref _refusals);

        /// <summary>Connects, and has itself challenged.</summary>
        public static async Task<Guesser> ConnectAsync(IPAddress from, int port, string user, string domain, CancellationToken cancel)
        {
            TcpClient client = new(new IPEndPoint(from, 0)) { NoDelay = true };
            await client.ConnectAsync(IPAddress.Loopback, port, cancel);
            await client.GetStream().WriteAsync(Register(user, domain, 0, ""), cancel);
            StringBuilder challenge = new();
            byte[] buffer = new byte[4096];
            while (!challenge.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
            {
                int length = await client.GetStream().ReadAsync(buffer, cancel).AsTask().WaitAsync(Deadlines.Signalling, cancel);
                Assert.NotEqual(0, length);
                challenge.Append(Encoding.ASCII.GetString(buffer, 0, length));
            }
            return new Guesser(client, user, domain, Nonce().Match(challenge.ToString()).Groups[1].Value);
        }

        /// <summary>Sends guesses; who is closed the door on goes on as if nothing was.</summary>
        public async Task GuessAsync(int times, CancellationToken cancel)
        {
            try
            {
                for (int i = 0; i < times; i++)
                {
                    string wrong = Convert.ToHexStringLower(Guid.NewGuid().ToByteArray());
                    await _client.GetStream().WriteAsync(Register(_user, _domain, ++_number, $"Authorization: Digest username=\"{_user}\",realm=\"{_domain}\",nonce=\"{_nonce}\",uri=\"sip:{_domain}\",response=\"{wrong}\",algorithm=MD5\r\n"), cancel);
                }
            }
            catch (IOException)
            {
                // It was closed.
            }
        }

        public void Dispose()
        {
            _client.Dispose();
            _reading.Wait(Deadlines.Signalling);
        }

        private async Task ReadAsync()
        {
            try
            {
                StringBuilder rest = new();
                while (await _client.GetStream().ReadAsync(_buffer) is > 0 and var length)
                {
                    rest.Append(Encoding.ASCII.GetString(_buffer, 0, length));
                    string[] messages = rest.ToString().Split("\r\n\r\n");
                    Interlocked.Add(ref _refusals, messages.Length - 1);
                    rest.Clear().Append(messages[^1]);
                }
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // The end.
            }
        }

        private static byte[] Register(string user, string domain, int number, string credentials) => Encoding.ASCII.GetBytes(
            $"REGISTER sip:{domain} SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.1:5060;branch=z9hG4bK{Guid.NewGuid():N};rport\r\nFrom: <sip:{user}@{domain}>;tag=g\r\nTo: <sip:{user}@{domain}>\r\n"
            + $"Call-ID: {Guid.NewGuid():N}\r\nCSeq: {number + 1} REGISTER\r\nContact: <sip:{user}@192.0.2.1>\r\nMax-Forwards: 70\r\n{credentials}Content-Length: 0\r\n\r\n");

        [GeneratedRegex("nonce=\"([^\"]+)\"")]
        private static partial Regex Nonce();
    }
}
