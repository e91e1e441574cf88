using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace CloudPbx.Identity.Tests.Hosting;

/// <summary>An authenticator (WebAuthn Level 3) with one ES256 key, and the browser before it: written from the specification, not from what checks it.</summary>
internal sealed class TestAuthenticator : IDisposable
{
    private const byte UserPresent = 0x01, UserVerified = 0x04, AttestedData = 0x40;      // §6.1

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly byte[] _id = RandomNumberGenerator.GetBytes(32);
    private string _userHandle = "";
    private uint _counter;

    public string Origin { get; set; } = TestIdentity.Address;

    public bool UnlocksIt { get; set; } = true;

    /// <summary>Answers <c>navigator.credentials.create()</c>; attestation "none" (§8.7).</summary>
    public string Create(string options)
    {
        using JsonDocument asked = JsonDocument.Parse(options);
        _userHandle = asked.RootElement.GetProperty("user").GetProperty("id").GetString()!;
        byte[] data = [.. AuthenticatorData(asked.RootElement.GetProperty("rp").GetProperty("id").GetString()!, AttestedData), .. new byte[16], 0, (byte)_id.Length, .. _id, .. CoseKey()];
        byte[] attestation = [0xA3, .. Text("fmt"), .. Text("none"), .. Text("attStmt"), 0xA0, .. Text("authData"), 0x59, (byte)(data.Length >> 8), (byte)data.Length, .. data];
        return Answer(new { clientDataJSON = ClientData("webauthn.create", asked), attestationObject = Base64UrlEncoder.Encode(attestation), transports = new[] { "internal" } });
    }

    /// <summary>Answers <c>navigator.credentials.get()</c>.</summary>
    public string Get(string options)
    {
        using JsonDocument asked = JsonDocument.Parse(options);
        byte[] data = AuthenticatorData(asked.RootElement.GetProperty("rpId").GetString()!, 0);
        string client = ClientData("webauthn.get", asked);
        byte[] signature = _key.SignData([.. data, .. SHA256.HashData(Base64UrlEncoder.DecodeBytes(client))], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        return Answer(new { clientDataJSON = client, authenticatorData = Base64UrlEncoder.Encode(data), signature = Base64UrlEncoder.Encode(signature), userHandle = _userHandle });
    }

    public void Dispose() => _key.Dispose();

    private string Answer(object response) => JsonSerializer.Serialize(new
    {
        id = Base64UrlEncoder.Encode(_id), rawId = Base64UrlEncoder.Encode(_id), type = "public-key", response, clientExtensionResults = new { },
    });

    private string ClientData(string type, JsonDocument asked) => Base64UrlEncoder.Encode(JsonSerializer.Serialize(
        new { type, challenge = asked.RootElement.GetProperty("challenge").GetString(), origin = Origin, crossOrigin = false }));

    private byte[] AuthenticatorData(string host, byte flags)
    {
        byte[] data = [.. SHA256.HashData(Encoding.UTF8.GetBytes(host)), (byte)(flags | UserPresent | (UnlocksIt ? UserVerified : 0)), 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(33), ++_counter);
        return data;
    }

    /// <summary>The public key (RFC 9053 §7.1.1): EC2, ES256, P-256, x, y.</summary>
    private byte[] CoseKey()
    {
        ECParameters key = _key.ExportParameters(includePrivateParameters: false);
        return [0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20, .. key.Q.X!, 0x22, 0x58, 0x20, .. key.Q.Y!];
    }

    private static byte[] Text(string text) => [(byte)(0x60 + text.Length), .. Encoding.ASCII.GetBytes(text)];
}
