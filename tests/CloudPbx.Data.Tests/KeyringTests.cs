using System.Security.Cryptography;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Devices;
using CloudPbx.Data.Keys;
using Microsoft.Extensions.Options;

namespace CloudPbx.Data.Tests;

public sealed class KeyringTests
{
    private static readonly byte[] s_keyA = RandomNumberGenerator.GetBytes(32);
    private static readonly byte[] s_keyB = RandomNumberGenerator.GetBytes(32);
    private static readonly TenantId s_tenant = TenantId.New();

    [Fact]
    public void What_was_sealed_opens_in_its_own_place_for_its_own_tenant_only()
    {
        TenantKeyring keyring = new(new PlatformKey([s_keyA]));
        TenantKey key = keyring.CreateKey(s_tenant);
        byte[] value = keyring.Seal(key, "device/1/secret", "canary"u8);
        Assert.Equal("canary"u8.ToArray(), keyring.Open(key, "device/1/secret", value));
        Assert.Null(keyring.Open(key, "device/2/secret", value));
        Assert.Null(keyring.Open(keyring.CreateKey(s_tenant), "device/1/secret", value));
        Assert.Null(keyring.Open(key with { TenantId = TenantId.New() }, "device/1/secret", value));
    }

    [Fact]
    public void A_changed_octet_anywhere_keeps_it_shut()
    {
        TenantKeyring keyring = new(new PlatformKey([s_keyA]));
        TenantKey key = keyring.CreateKey(s_tenant);
        byte[] value = keyring.Seal(key, "p", "canary"u8);
        for (int i = 0; i < value.Length; i++)
        {
            byte[] changed = [.. value];
            changed[i] ^= 1;
            Assert.Null(keyring.Open(key, "p", changed));
        }
        for (int length = 0; length < value.Length; length++)
            Assert.Null(keyring.Open(key, "p", value.AsSpan(0, length)));
        Assert.Null(keyring.Open(key with { Wrapped = new byte[] { 1, 2 } }, "p", value));
    }

    [Fact]
    public void A_key_that_was_opened_opens_what_the_keyring_sealed_and_nothing_else()
    {
        TenantKeyring keyring = new(new PlatformKey([s_keyA]));
        TenantKey key = keyring.CreateKey(s_tenant);
        OpenedTenantKey opened = keyring.Open(key);
        byte[] value = keyring.Seal(key, "device/1/secret", "canary"u8);
        Assert.Equal("canary"u8.ToArray(), opened.Open("device/1/secret", value));
        Assert.Null(opened.Open("device/2/secret", value));
        Assert.Null(keyring.Open(keyring.CreateKey(TenantId.New())).Open("device/1/secret", value));
        for (int i = 0; i < value.Length; i++)
        {
            byte[] changed = [.. value];
            changed[i] ^= 1;
            Assert.Null(opened.Open("device/1/secret", changed));
            Assert.Null(opened.Open("device/1/secret", value.AsSpan(0, i)));
        }
    }

    [Fact]
    public void A_device_opens_its_own_password_and_none_where_the_platform_key_is_another()
    {
        TenantKeyring keyring = new(new PlatformKey([s_keyA]));
        TenantKey key = keyring.CreateKey(s_tenant);
        DeviceId device = DeviceId.New();
        byte[] value = DeviceSecret.Seal(keyring, key, device, "canary");
        Assert.True(new DeviceSecret(keyring, key, device, value).TryOpen(out string? secret));
        Assert.Equal("canary", secret);
        Assert.False(new DeviceSecret(keyring, key, DeviceId.New(), value).TryOpen(out _));
        Assert.False(new DeviceSecret(new TenantKeyring(new PlatformKey([s_keyB])), key, device, value).TryOpen(out _));
    }

    [Fact]
    public void A_key_that_was_opened_seals_as_the_keyring_does()
    {
        TenantKeyring keyring = new(new PlatformKey([s_keyA]));
        TenantKey key = keyring.CreateKey(s_tenant);
        OpenedTenantKey opened = keyring.Open(key);
        byte[] value = opened.Seal("leg/1/0", "canary"u8);
        Assert.Equal("canary"u8.ToArray(), keyring.Open(key, "leg/1/0", value));
        Assert.NotEqual(value, opened.Seal("leg/1/0", "canary"u8));        // each has a nonce of its own
        Assert.Null(keyring.Open(key, "leg/1/1", value));
        Assert.Null(keyring.Open(keyring.CreateKey(TenantId.New()), "leg/1/0", value));
        Assert.Throws<CryptographicException>(() => new TenantKeyring(new PlatformKey([s_keyB])).Open(key));
    }

    [Fact]
    public void After_a_change_of_the_platform_key_the_old_one_still_opens()
    {
        TenantKey old = new TenantKeyring(new PlatformKey([s_keyA])).CreateKey(s_tenant);
        TenantKeyring both = new(new PlatformKey([s_keyB, s_keyA]));
        byte[] value = both.Seal(old, "p", "x"u8);
        Assert.Equal("x"u8.ToArray(), both.Open(old, "p", value));
        TenantKeyring stranger = new(new PlatformKey([s_keyB]));
        Assert.Null(stranger.Open(old, "p", value));
        Assert.Throws<CryptographicException>(() => stranger.Seal(old, "p", "x"u8));
    }

    [Fact]
    public void The_platform_keys_file_is_made_once_and_for_its_owner_only()
    {
        string folder = Directory.CreateTempSubdirectory("cloudpbx-key-").FullName;
        try
        {
            IOptions<PlatformKeyOptions> options = Options.Create(new PlatformKeyOptions { Path = Path.Combine(folder, "platform.key") });
            Assert.Contains("There is no platform key", Assert.Throws<IOException>(() => PlatformKey.Load(options)).Message, StringComparison.Ordinal);
            options.Value.Create = true;
            TenantKeyring first = new(PlatformKey.Load(options));
            TenantKey key = first.CreateKey(s_tenant);
            TenantKeyring second = new(PlatformKey.Load(options));
            Assert.Equal("x"u8.ToArray(), second.Open(key, "p", first.Seal(key, "p", "x"u8)));
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(options.Value.Path));
            File.WriteAllText(options.Value.Path, "not a key");
            Assert.Throws<IOException>(() => PlatformKey.Load(options));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Generated_passwords_are_long_different_and_easy_to_type()
    {
        HashSet<string> seen = [];
        for (int i = 0; i < 1000; i++)
        {
            string secret = SipSecret.Generate();
            Assert.True(seen.Add(secret));
            Assert.Equal(24, secret.Length);
            Assert.DoesNotContain(secret, c => "0o1il".Contains(c, StringComparison.Ordinal) || !char.IsAsciiLetterOrDigit(c));
        }
    }
}
