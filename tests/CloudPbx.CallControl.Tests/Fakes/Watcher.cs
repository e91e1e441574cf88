using System.Globalization;
using System.Xml.Linq;
using CloudPbx.CallControl.Tests.Presence;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Tests.Fakes;

/// <summary>A busy lamp key of a phone.</summary>
internal sealed class Watcher(TestTenant pbx, StubPhone phone, string extension)
{
    private uint _cseq;

    public StubPhone Phone => phone;

    public SipRequest? Subscribe { get; private set; }

    public SipResponse? Response { get; private set; }

    /// <summary>The NOTIFY that came last.</summary>
    public SipRequest? Notify { get; private set; }

    /// <summary>The lamp: <c>idle</c>, or what the dialogs are.</summary>
    public string Lamp => string.Join(' ', Document.Elements().Select(dialog => dialog.Element(DialogInfoSchema.Namespace + "state")!.Value + (dialog.Attribute("direction") is { } direction ? "/" + direction.Value : "")));

    public XElement Document => DialogInfoSchema.Read(Notify!.Body);

    public uint Version => uint.Parse(Document.Attribute("version")!.Value, CultureInfo.InvariantCulture);

    public string? State => Notify!.Headers.Get(SipHeaderName.SubscriptionState);

    /// <summary>Who is at the other end of the first dialog, as the phone is told.</summary>
    public string? Remote => Document.Elements().First().Element(DialogInfoSchema.Namespace + "remote")?.Element(DialogInfoSchema.Namespace + "identity")?.Value;

    /// <summary>A SUBSCRIBE outside dialogs.</summary>
    public SipRequest Request(string? expires = "600", params (string Name, string Value)[] fields)
    {
        SipRequest request = phone.Request(SipMethod.Subscribe, $"sip:{extension}@{pbx.Domain}", null, [("Event", "dialog"), ("Contact", $"<{phone.Contact}>"), .. fields]);
        if (expires is not null)
            request.Headers.Add(SipHeaderName.Expires, expires);
        return request;
    }

    /// <summary>Subscribes, authenticates, and answers the first NOTIFY.</summary>
    public async Task<Watcher> BeginAsync(string? expires = "600", params (string Name, string Value)[] fields)
    {
        (Response, Subscribe) = await phone.TryAsync(Request(expires, fields));
        Assert.Equal(200, Response.StatusCode);
        _cseq = Subscribe.CSeq.Number;
        await NotifiedAsync();
        return this;
    }

    /// <summary>Takes the next NOTIFY and answers it.</summary>
    public async Task<string> NotifiedAsync(int status = 200)
    {
        Take(await phone.RequestAsync(SipMethod.Notify), status);
        return Lamp;
    }

    /// <summary>Answers a NOTIFY.</summary>
    public void Take(SipRequest notify, int status = 200)
    {
        Assert.True(Notify is null || notify.CSeq.Number > Notify.CSeq.Number);      // I69
        uint before = Notify is null ? 0 : Version + 1;
        Notify = notify;
        Assert.True(Version >= before);
        phone.Answer(notify, status);
    }

    /// <summary>Lets the clock run until what has changed is told, and gives the lamp.</summary>
    public async Task<string> ToldAsync()
    {
        await pbx.AdvanceAsync(TimeSpan.FromSeconds(1.2));
        while (!phone.HasNothing)
            await NotifiedAsync();
        return Lamp;
    }

    /// <summary>A refresh in the dialog, or its end.</summary>
    public SipRequest Again(string expires = "600", params (string Name, string Value)[] fields) => phone.Request(
        SipMethod.Subscribe, Response!.Contacts[0].Uri.ToString(), null,
        [
            ("From", Subscribe!.From.ToString()), ("To", Response.To.ToString()), ("Call-ID", Subscribe.CallId), ("CSeq", new CSeq(++_cseq, SipMethod.Subscribe).ToString()),
            ("Event", "dialog"), ("Contact", $"<{phone.Contact}>"), ("Expires", expires), .. fields,
        ]);

    public async Task<SipResponse> RefreshAsync(string expires = "600")
    {
        phone.Send(Again(expires));
        SipResponse response = await phone.ResponseAsync();
        if (response.StatusCode == 200)
            await NotifiedAsync();
        return response;
    }
}
