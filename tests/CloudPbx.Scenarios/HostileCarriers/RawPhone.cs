using CloudPbx.Scenarios.BuiltIn;
using CloudPbx.TestKit.Carriers;

namespace CloudPbx.Scenarios.HostileCarriers;

/// <summary>A phone of raw octets: extension 101 of a company.</summary>
internal static class RawPhone
{
    public const string Extension = "101";

    /// <summary>Registers, and answers the challenge.</summary>
    /// <param name="phone">The phone's sockets.</param>
    /// <param name="company">Its company.</param>
    /// <param name="contact">Contact, with its parameters.</param>
    public static async Task RegisterAsync(HostileCarrier phone, Company company, string contact)
    {
        phone.Send(Register(1, ""));
        string answer = RawDigest.Answer(await phone.ExpectAsync("401 REGISTER"), Extension, company.Account(Extension).Password, "REGISTER", $"sip:{company.Domain}");
        phone.Send(Register(2, $"Authorization: {answer}\n"));
        await phone.ExpectAsync("200 REGISTER");

        string Register(int sequence, string credentials) =>
            $"""
            REGISTER sip:{company.Domain} SIP/2.0
            Via: SIP/2.0/[transport] [local];branch=[branch];rport
            Max-Forwards: 70
            From: <sip:{Extension}@{company.Domain}>;tag=raw
            To: <sip:{Extension}@{company.Domain}>
            Call-ID: register@[local]
            CSeq: {sequence} REGISTER
            Contact: {contact}
            Supported: outbound, path
            Expires: 600
            {credentials}Content-Length: 0

            """;
    }

    /// <summary>Calls another extension, and answers the challenge.</summary>
    /// <param name="phone">The phone's sockets.</param>
    /// <param name="company">Its company.</param>
    /// <param name="extension">Whom.</param>
    public static async Task InviteAsync(HostileCarrier phone, Company company, string extension)
    {
        phone.Send(Invite(1, ""));
        RawMessage challenge = await phone.ExpectAsync("407 INVITE");
        phone.AckRefusal(challenge);
        string answer = RawDigest.Answer(challenge, Extension, company.Account(Extension).Password, "INVITE", $"sip:{extension}@{company.Domain}");
        phone.Send(Invite(2, $"Proxy-Authorization: {answer}\n"));

        string Invite(int sequence, string credentials) =>
            $"""
            INVITE sip:{extension}@{company.Domain} SIP/2.0
            Via: SIP/2.0/[transport] [local];branch=[branch];rport
            Max-Forwards: 70
            From: <sip:{Extension}@{company.Domain}>;tag=raw
            To: <sip:{extension}@{company.Domain}>
            Call-ID: invite@[local]
            CSeq: {sequence} INVITE
            Contact: <sip:{Extension}@[local]>
            {credentials}Content-Type: application/sdp
            Content-Length: [len]

            {HostileCarrier.Pcmu}
            """;
    }
}
