using System.Net;
using System.Text;
using CloudPbx.CallControl.Registrar;
using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Tenants;
using CloudPbx.Sip.Authentication;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;
using CloudPbx.State.Bans;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace CloudPbx.CallControl.Tests.Registrar;

/// <summary>S3: who guesses passwords is banned, and nobody else is.</summary>
public sealed class GuessTests : IDisposable, IBanReports
{
    private const string Elsewhere = "203.0.113.66";

    private readonly TestTenant _tenant = new();
    private readonly FakeTimeProvider _time = new();
    private readonly List<BanSubject> _reported = [];
    private int _guessed;

    [Fact]
    public async Task S3_who_guesses_on_gets_silence_and_the_real_phone_does_not_notice()
    {
        StubPhone guesser = _tenant.Phone("100", password: "wrong", address: Elsewhere);
        int answers = 0;
        while (answers < 20 && await GuessAsync(guesser) is not null)
            answers++;
        Assert.Equal(_tenant.BanOptions.WrongPasswords, answers);
        Assert.Equal([new BanSubject(BanSource.From(IPAddress.Parse(Elsewhere)), _tenant.Tenant, "100")], _tenant.Guessers);
        Assert.Equal(200, (await _tenant.Phone("100").RegisterAsync()).StatusCode);
        Assert.Equal(200, (await _tenant.Phone("101", address: Elsewhere).RegisterAsync()).StatusCode);       // another account from there

        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(_tenant.BanOptions.FirstBanSeconds));
        Assert.NotNull(await GuessAsync(guesser));                // the ban is over
    }

    [Fact]
    public async Task S3_a_ban_that_others_found_holds_here_too()
    {
        StubPhone phone = _tenant.Phone("100", address: Elsewhere);
        _tenant.Bans.Add(new BanSubject(BanSource.From(IPAddress.Parse(Elsewhere)), _tenant.Tenant, "100"), _tenant.Time.GetUtcNow().UtcDateTime.AddMinutes(1));
        Assert.Null(await GuessAsync(phone));                     // the right password, even
    }

    [Fact]
    public async Task S36_a_banned_account_still_calls_for_help_with_its_password_and_nobody_without()
    {
        StubPhone phone = _tenant.Phone("100", address: Elsewhere), guesser = _tenant.Phone("100", password: "wrong", address: Elsewhere);
        _tenant.Bans.Add(new BanSubject(BanSource.From(IPAddress.Parse(Elsewhere)), _tenant.Tenant, "100"), _tenant.Time.GetUtcNow().UtcDateTime.AddMinutes(1));
        (SipResponse answer, _) = await phone.DialAsync("112");
        Assert.Equal(404, answer.StatusCode);                     // it was heard; the tenant has no trunk
        (answer, _) = await guesser.DialAsync("112");
        Assert.Equal(407, answer.StatusCode);
        SipRequest other = phone.Request(SipMethod.Invite, "sip:101@acme.test", "v=0");
        phone.Send(other);
        phone.Send(phone.Again(other, await phone.ResponseAsync()));
        await _tenant.SettleAsync();
        Assert.True(phone.HasNothing);
    }

    [Fact]
    public async Task S3_a_neighbour_who_guesses_a_registered_account_is_slowed_and_its_phone_goes_on()
    {
        StubPhone phone = _tenant.Phone("100", address: Elsewhere);
        Assert.Equal(200, (await phone.RegisterAsync()).StatusCode);
        StubPhone neighbour = _tenant.Phone("100", password: "wrong", address: Elsewhere);
        for (int i = 0; i < 30; i++)
            Assert.NotNull(await GuessAsync(neighbour));          // one try in two seconds
        Assert.NotNull(await GuessAsync(neighbour, wait: false));
        Assert.Null(await GuessAsync(neighbour));                 // the second within one
        await GuessAsync(neighbour, wait: false);
        Assert.Equal(200, (await phone.RegisterAsync()).StatusCode);
        Assert.Empty(_tenant.Guessers);
        Assert.Equal(BanSource.From(IPAddress.Parse(Elsewhere)), Assert.Single(_tenant.Registrations));        // one report serves for a while
    }

    [Fact]
    public async Task S3_nobody_is_blamed_for_a_guess_that_answers_no_challenge_of_his()
    {
        StubPhone asked = _tenant.Phone("100", password: "wrong", address: "198.51.100.1");
        asked.Send(asked.Register("600", $"<{asked.Contact}>"));
        SipResponse challenge = await asked.ResponseAsync();
        StubPhone forged = _tenant.Phone("100", address: Elsewhere);
        for (int i = 0; i < 20; i++)
        {
            SipRequest guess = asked.Again(asked.Register("600", $"<{asked.Contact}>"), challenge);
            forged.Send(guess);                                   // a datagram can say that it comes from the victim's address
            Assert.Contains("stale=true", (await forged.ResponseAsync()).Headers.Get(SipHeaderName.WwwAuthenticate), StringComparison.OrdinalIgnoreCase);
            await _tenant.AdvanceAsync(TimeSpan.FromSeconds(2));
        }
        Assert.Empty(_tenant.Guessers);
        Assert.Equal(200, (await forged.RegisterAsync()).StatusCode);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    public async Task S3_ten_thousand_wrong_passwords_from_so_many_addresses_are_mostly_not_looked_at_and_the_phone_does_not_notice(int sources)
    {
        StubPhone phone = await _tenant.RegisteredAsync("100"), other = await _tenant.RegisteredAsync("101");
        StubPhone[] guessers = [.. Enumerable.Range(0, sources).Select(i => _tenant.Phone("100", SipTransport.Udp, "wrong", $"127.1.{i >> 8}.{i & 255}"))];
        int asked = 0, heard = 0;
        for (int round = 0; asked < 10_000; round++)
        {
            foreach (StubPhone guesser in guessers)
                guesser.Send(guesser.Register("600", $"<{guesser.Contact}>"));
            foreach (StubPhone guesser in guessers)
                guesser.Send(guesser.Again(guesser.Register("600", $"<{guesser.Contact}>"), await guesser.ResponseAsync()));
            await _tenant.SettleAsync();
            asked += sources;
            foreach (StubPhone guesser in guessers)
            {
                if (guesser.HasNothing)
                    continue;
                Assert.Equal(401, (await guesser.ResponseAsync()).StatusCode);
                heard++;
            }
            if (round % Math.Max(1, 100 / sources) == 0)
                Assert.Equal(200, (await phone.RegisterAsync()).StatusCode);
            _tenant.Time.Advance(TimeSpan.FromSeconds(1));
        }
        // From one address bans of 1, 2, 4 … minutes in 10,000 s; from a thousand as many as make an attack, then one a second.
        Assert.InRange(heard, 8, sources == 1 ? 120 : _tenant.BanOptions.AccountWrongPasswords + 1010);

        Assert.Equal(200, (await other.RegisterAsync()).StatusCode);
        Task dialling = other.DialAsync("100");
        phone.Answer(await phone.RequestAsync(SipMethod.Invite), 180);
        await dialling;
        Assert.Equal(200, (await _tenant.Phone("100", address: "192.0.2.77").RegisterAsync()).StatusCode);       // from a new address, in a second in which nobody else tries
        Assert.Equal(200, (await _tenant.Phone("101", address: "192.0.2.77").RegisterAsync()).StatusCode);
        Assert.DoesNotContain(_tenant.Guessers, subject => subject.Account != "100");
    }

    [Fact]
    public void S3_a_cracker_is_banned_within_its_first_burst()
    {
        BanTable bans = new(Options.Create(new BanOptions()), _time);
        GuessGuard guard = new(new BanOptions(), bans, new AttackTable(_time), this, _time);
        TenantId tenant = TenantId.New();
        int tries = 0;
        for (; !guard.IsSilenced(IPAddress.Parse(Elsewhere), tenant, "100"); tries++)
            guard.Failed(IPAddress.Parse(Elsewhere), tenant, "100", () => false);
        Assert.InRange(tries, 17, 50);
    }

    [Fact]
    public void S3_a_source_that_tries_many_accounts_is_reported_as_a_whole()
    {
        GuessGuard guard = new(new BanOptions(), new BanTable(Options.Create(new BanOptions()), _time), new AttackTable(_time), this, _time);
        for (int i = 0; i < 20; i++)
            guard.Failed(IPAddress.Parse("2001:db8::1"), TenantId.New(), $"{100 + i % 5}", () => false);
        Assert.Equal(["2001:db8::/64"], _reported.Select(subject => subject.ToString()));
    }

    [Fact]
    public void S2_who_calls_himself_a_scanner_is_banned_after_half_as_many_guesses_and_no_sooner()
    {
        BanTable bans = new(Options.Create(new BanOptions()), _time);
        GuessGuard guard = new(new BanOptions(), bans, new AttackTable(_time), this, _time);
        TenantId tenant = TenantId.New();
        for (int i = 0; i < 4; i++)
        {
            Assert.Empty(_reported);
            guard.Failed(IPAddress.Parse(Elsewhere), tenant, "100", () => false, isScanner: true);
            _time.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.Equal("100", Assert.Single(_reported).Account);
    }

    [Fact]
    public void S3_a_trusted_network_is_not_counted()
    {
        BanOptions options = new();
        options.TrustedNets.Add("10.0.0.0/8");
        GuessGuard guard = new(options, new BanTable(Options.Create(options), _time), new AttackTable(_time), this, _time);
        for (int i = 0; i < 100; i++)
        {
            guard.Failed(IPAddress.Parse("10.1.2.3"), TenantId.New(), $"{i}", () => false);
            _time.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.Empty(_reported);
        Assert.Equal(0, _guessed);
    }

    [Fact]
    public async Task S3_of_an_account_under_attack_strangers_have_one_try_a_second_and_whoever_guessed_wrong_none()
    {
        Attack("100");
        StubPhone guesser = _tenant.Phone("100", password: "wrong", address: Elsewhere), second = _tenant.Phone("100", password: "wrong", address: "203.0.113.67");
        Assert.NotNull(await GuessAsync(guesser, wait: false));
        Assert.Null(await GuessAsync(second));                    // within the same second
        Assert.Null(await GuessAsync(guesser));                   // it had its try
        Assert.NotNull(await GuessAsync(second));
        Assert.Equal(200, (await _tenant.Phone("101", address: Elsewhere).RegisterAsync()).StatusCode);       // no other account is concerned
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(_tenant.BanOptions.AttackSeconds));
        Assert.NotNull(await GuessAsync(guesser, wait: false));   // the attack is over
        Assert.NotNull(await GuessAsync(second, wait: false));
    }

    [Theory]
    [InlineData("forged")]
    [InlineData("old")]
    [InlineData("another's")]
    [InlineData("another realm's")]
    [InlineData("of OPTIONS")]
    public async Task S3_in_an_attack_what_is_no_guess_takes_nobodys_turn(string nonce)
    {
        StubPhone stranger = _tenant.Phone("100", SipTransport.Udp, "wrong", "203.0.113.67"), asked = nonce == "another's" ? _tenant.Phone("100", password: "wrong", address: Elsewhere) : stranger;
        asked.Send(asked.Register("600", $"<{asked.Contact}>"));
        SipResponse challenge = await asked.ResponseAsync();
        if (nonce == "old")
            await _tenant.AdvanceAsync(TimeSpan.FromMinutes(6));
        Attack("100");
        for (int i = 0; i < 10; i++)
        {
            SipRequest guess = stranger.Again(nonce == "of OPTIONS" ? stranger.Request(SipMethod.Options, "sip:acme.test") : stranger.Register("600", $"<{stranger.Contact}>"), challenge);
            string credentials = guess.Headers.Get(SipHeaderName.Authorization)!;
            if (nonce == "forged")
                guess.Headers.Set(SipHeaderName.Authorization, credentials.Replace("nonce=\"", "nonce=\"x", StringComparison.Ordinal));
            else if (nonce == "another realm's")
                guess.Headers.Set(SipHeaderName.Authorization, credentials.Replace("realm=\"acme.test\"", "realm=\"other.test\"", StringComparison.Ordinal)
                    .Replace(NonceIn(credentials), Nonces("other.test", stranger), StringComparison.Ordinal));
            stranger.Send(guess);
            Assert.Equal(nonce == "of OPTIONS" ? 200 : 401, (await stranger.ResponseAsync()).StatusCode);
        }
        Assert.Equal(200, (await _tenant.Phone("100", address: "192.0.2.77").RegisterAsync()).StatusCode);       // from a new address, in the same second
    }

    [Fact]
    public async Task S3_in_an_attack_who_had_a_turn_and_came_to_no_guess_has_the_next_one_later()
    {
        StubPhone stranger = _tenant.Phone("100", address: "203.0.113.67");
        stranger.Send(stranger.Register("600", $"<{stranger.Contact}>"));
        SipResponse challenge = await stranger.ResponseAsync();
        Attack("100");
        stranger.Send(NoGuess());
        Assert.Equal(415, (await stranger.ResponseAsync()).StatusCode);
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(1));
        stranger.Send(NoGuess());
        await _tenant.SettleAsync();
        Assert.True(stranger.HasNothing);
        Assert.Equal(200, (await _tenant.Phone("100", address: "192.0.2.77").RegisterAsync()).StatusCode);       // within the same second
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(9));
        stranger.Send(NoGuess());
        Assert.Equal(415, (await stranger.ResponseAsync()).StatusCode);

        SipRequest NoGuess() => stranger.Again(stranger.Request(SipMethod.Invite, "sip:101@acme.test", "text", ("Content-Type", "text/plain")), challenge);
    }

    [Fact]
    public async Task S3_in_an_attack_the_account_is_used_from_where_it_is_registered_as_ever()
    {
        StubPhone phone = await _tenant.RegisteredAsync("100");
        Attack("100");
        StubPhone stranger = _tenant.Phone("100", password: "wrong", address: Elsewhere);
        Assert.NotNull(await GuessAsync(stranger, wait: false));  // the second's turn is taken
        Assert.Equal(200, (await _tenant.Phone("100").RegisterAsync()).StatusCode);       // the same address, another connection: it has restarted
        Assert.Equal(200, (await phone.RegisterAsync()).StatusCode);
        (SipResponse answer, _) = await phone.DialAsync("102");
        Assert.Equal(480, answer.StatusCode);                     // heard: nobody is registered there
    }

    [Fact]
    public async Task S3_in_an_attack_who_proves_himself_is_no_stranger_and_what_belongs_to_his_call_needs_no_turn()
    {
        StubPhone callee = await _tenant.RegisteredAsync("101");
        Attack("100");
        StubPhone caller = _tenant.Phone("100", address: Elsewhere), stranger = _tenant.Phone("100", password: "wrong", address: "203.0.113.67");
        (SipResponse answer, _) = await caller.DialAsync("102");     // it does not register, it calls
        Assert.Equal(480, answer.StatusCode);
        Assert.Null(await GuessAsync(stranger, wait: false));
        (answer, _) = await caller.DialAsync("102");                 // within the same second
        Assert.Equal(480, answer.StatusCode);
        Assert.True(callee.HasNothing);
    }

    [Fact]
    public void S3_however_many_guess_who_has_proved_himself_is_no_stranger_while_the_attack_goes_on()
    {
        BanOptions options = new();
        AttackTable attacks = new(_time);
        GuessGuard guard = new(options, new BanTable(Options.Create(options), _time), attacks, this, _time);
        AttackedAccount attacked = new(TenantId.New(), "100");
        IPAddress phone = IPAddress.Parse(Elsewhere);
        attacks.Add(attacked, _time.GetUtcNow().UtcDateTime.AddSeconds(options.AttackSeconds));
        guard.Failed(phone, attacked.Tenant, attacked.Account, () => false);          // with the old password, first
        guard.Succeeded(phone, attacked.Tenant, attacked.Account);
        for (int i = 0; i < 20_000; i++)
            guard.Failed(new IPAddress([10, 1, (byte)(i >> 8), (byte)i]), attacked.Tenant, attacked.Account, () => false);
        Assert.True(attacks.TryTakeTurn(attacked));
        Assert.False(guard.IsTurnedAway(phone, attacked.Tenant, attacked.Account, () => false));
        _time.Advance(TimeSpan.FromSeconds(options.AttackSeconds));
        attacks.Add(attacked, _time.GetUtcNow().UtcDateTime.AddSeconds(options.AttackSeconds));
        Assert.True(attacks.TryTakeTurn(attacked));
        Assert.True(guard.IsTurnedAway(phone, attacked.Tenant, attacked.Account, () => false));      // the proof holds as long as an attack
    }

    [Fact]
    public void S3_of_those_who_have_proved_themselves_the_one_not_seen_for_longest_is_forgotten_when_they_are_too_many()
    {
        ProvedSources proved = new(3);
        BanSubject[] phones = [.. Enumerable.Range(1, 5).Select(i => new BanSubject(BanSource.From(new IPAddress([10, 1, 1, (byte)i])), _tenant.Tenant, "100"))];
        DateTime now = _time.GetUtcNow().UtcDateTime;
        for (int i = 0; i < 3; i++)
            proved.Add(phones[i], now.AddSeconds(i), now.AddSeconds(10 + i));
        proved.Add(phones[0], now.AddSeconds(4), now.AddSeconds(14));
        proved.Add(phones[3], now.AddSeconds(5), now.AddSeconds(15));
        Assert.Equal([true, false, true, true, false], phones.Select(phone => proved.Covers(phone, now.AddSeconds(5))));
        proved.Add(phones[4], now.AddSeconds(12), now.AddSeconds(22));                // the third's is over
        Assert.Equal([true, false, false, true, true], phones.Select(phone => proved.Covers(phone, now.AddSeconds(12))));
        Assert.Equal(3, proved.Count);
    }

    [Fact]
    public async Task S36_an_account_under_attack_calls_for_help_from_wherever()
    {
        Attack("100");
        Assert.NotNull(await GuessAsync(_tenant.Phone("100", password: "wrong", address: "203.0.113.67"), wait: false));
        (SipResponse answer, _) = await _tenant.Phone("100", address: Elsewhere).DialAsync("112");
        Assert.Equal(404, answer.StatusCode);                     // it was heard; the tenant has no trunk
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task S3_an_unknown_user_costs_as_many_hashes_opened_secrets_and_looks_into_the_stores_as_a_known_one(bool isAttacked)
    {
        const string known = "100", unknown = "no-such-user";
        int looks = 0;
        _tenant.Newer = _ =>
        {
            looks++;
            return Task.FromResult<TenantConfiguration?>(null);
        };
        if (isAttacked)
        {
            Attack(known);
            Attack(unknown);
        }
        List<(long Hashes, long Secrets, int Looks, int Counted, bool IsAnswered)[]> costs = [];
        foreach (string user in (string[])[known, unknown])
        {
            StubPhone[] guessers = [_tenant.Phone(user, password: "wrong", address: Elsewhere), _tenant.Phone(user, password: "wrong", address: "203.0.113.67")];
            List<(long, long, int, int, bool)> ofUser = [];
            foreach (StubPhone guesser in (StubPhone[])[.. Enumerable.Repeat(guessers, 10).SelectMany(both => both)])
            {
                (long hashes, long secrets, int looked, int counted) = (Authenticator.HashOperations, Authenticator.SecretsOpened, looks, _tenant.Guesses.Values.Sum());
                bool answered = await GuessAsync(guesser) is not null;
                ofUser.Add((Authenticator.HashOperations - hashes, Authenticator.SecretsOpened - secrets, looks - looked, _tenant.Guesses.Values.Sum() - counted, answered));
            }
            costs.Add([.. ofUser]);
        }
        Assert.Equal(costs[0], costs[1]);
        Assert.True(costs[0][0] is { Hashes: > 0, Secrets: > 0, Looks: 1, Counted: 1, IsAnswered: true });
        Assert.Contains(costs[0], cost => !cost.IsAnswered);
    }

    [Fact]
    public async Task S12_a_flood_of_strangers_leaves_no_transaction_behind()
    {
        StubPhone stranger = _tenant.Phone("100", password: "wrong", address: Elsewhere);
        for (int i = 0; i < 2000; i++)
        {
            stranger.Send(stranger.Request(i % 2 == 0 ? SipMethod.Invite : SipMethod.Register, "sip:101@acme.test", "v=0"));
            await stranger.ResponseAsync();
        }
        Assert.Equal(0, await _tenant.Runtime.Scheduler.RunAsync(() => _tenant.Runtime.Agents.Transactions.Count));
    }

    void IBanReports.Ban(in BanSubject subject) => _reported.Add(subject);

    void IBanReports.Guessed(in AttackedAccount account, int weight) => _guessed += weight;

    void IBanReports.Registered(in BanSource source, TimeSpan life)
    {
    }

    public void Dispose() => _tenant.Dispose();

    private DeviceAuthenticator Authenticator => _tenant.Runtime.Authenticator;

    private void Attack(string account) =>
        _tenant.Attacks.Add(new AttackedAccount(_tenant.Tenant, account), _tenant.Time.GetUtcNow().UtcDateTime.AddSeconds(_tenant.BanOptions.AttackSeconds));

    private static string NonceIn(string credentials) => credentials.Split("nonce=\"")[1].Split('"')[0];

    // What a tenant of that domain would give the phone.
    private string Nonces(string realm, StubPhone phone)
    {
        Span<byte> text = stackalloc byte[DigestNonces.TextLength];
        _tenant.Nonces.Write(_tenant.Time.GetUtcNow().ToUnixTimeMilliseconds(), Encoding.UTF8.GetBytes(realm), BanSource.From(phone.Remote.Address).Bits, fill: null, text);
        return Encoding.ASCII.GetString(text);
    }

    // One try with whatever password the phone has; null where it got no answer.
    private async Task<SipResponse?> GuessAsync(StubPhone phone, bool wait = true)
    {
        phone.Send(phone.Register("600", $"<{phone.Contact}>"));
        SipResponse challenge = await phone.ResponseAsync();
        phone.Send(phone.Again(phone.Register("600", $"<{phone.Contact}>"), challenge));
        await _tenant.AdvanceAsync(wait ? TimeSpan.FromSeconds(2) : TimeSpan.Zero);
        return phone.HasNothing ? null : await phone.ResponseAsync();
    }
}
