using System.Globalization;
using System.Text;
using System.Xml;
using CloudPbx.Contracts.Live;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.CallControl.Presence;

/// <summary>
/// Writes what an extension's phones do as <c>application/dialog-info+xml</c> (RFC 4235 §4): always the full state, and a dialog even where there is none, since Yealink, Aastra and
/// Bria put no lamp out else (I69). Call-IDs and tags are left out: they are good for Replaces, which only the extension's own phones may send.
/// </summary>
internal static class DialogInfo
{
    public const string ContentType = "application/dialog-info+xml";

    private const string Namespace = "urn:ietf:params:xml:ns:dialog-info";
    private const int MaximumDialogs = 8;                         // no lamp shows more than that it blinks or shines
    private const int MaximumNameLength = 64;

    // A NOTIFY with its header fields has to stay below 1300 octets where datagrams carry it (RFC 3261 §18.1.1, I42).
    private const int MaximumDatagramBody = 600;

    private static readonly XmlWriterSettings s_settings = new() { Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), NewLineHandling = NewLineHandling.None };

    /// <summary>Writes a document.</summary>
    /// <param name="entity">The extension as the subscriber asked for it.</param>
    /// <param name="name">The extension's display name.</param>
    /// <param name="version">The document's number.</param>
    /// <param name="dialogs">What its phones do; those that talk first.</param>
    /// <param name="lastId">The name of the dialog that was told of last; it is over where there is none now.</param>
    /// <param name="isDatagram">Whether it must be short.</param>
    public static MessageBody Write(SipUri entity, string name, uint version, IReadOnlyList<PhoneDialog> dialogs, string lastId, bool isDatagram)
    {
        byte[] octets = Write(entity, name, version, dialogs.Take(MaximumDialogs), lastId, withNames: true);
        if (isDatagram && octets.Length > MaximumDatagramBody)
            // One of each kind says all that a lamp shows.
            octets = Write(entity, name, version, dialogs.DistinctBy(dialog => (dialog.State, dialog.IsInitiator)).Take(3), lastId, withNames: false);
        return new MessageBody(ContentType, octets);
    }

    private static byte[] Write(SipUri entity, string name, uint version, IEnumerable<PhoneDialog> dialogs, string lastId, bool withNames)
    {
        using MemoryStream stream = new(MaximumDatagramBody);
        using (XmlWriter xml = XmlWriter.Create(stream, s_settings))
        {
            xml.WriteStartElement("dialog-info", Namespace);
            xml.WriteAttributeString("version", version.ToString(CultureInfo.InvariantCulture));
            xml.WriteAttributeString("state", "full");
            xml.WriteAttributeString("entity", entity.ToString());
            bool isIdle = true;
            foreach (PhoneDialog dialog in dialogs)
            {
                isIdle = false;
                Write(xml, entity, name, dialog, withNames);
            }
            if (isIdle)
            {
                xml.WriteStartElement("dialog", Namespace);
                xml.WriteAttributeString("id", lastId);
                xml.WriteElementString("state", Namespace, "terminated");
                xml.WriteEndElement();
            }
            xml.WriteEndElement();
        }
        return stream.ToArray();
    }

    private static void Write(XmlWriter xml, SipUri entity, string name, PhoneDialog dialog, bool withNames)
    {
        xml.WriteStartElement("dialog", Namespace);
        xml.WriteAttributeString("id", dialog.Id);
        xml.WriteAttributeString("direction", dialog.IsInitiator ? "initiator" : "recipient");
        xml.WriteElementString("state", Namespace, StateOf(dialog.State));
        if (withNames)
        {
            WriteParty(xml, "local", entity, name);
            if (dialog.RemoteNumber.Length > 0)
                WriteParty(xml, "remote", new SipUri(entity.Scheme, dialog.RemoteNumber, entity.Host, null), dialog.RemoteName);
        }
        xml.WriteEndElement();
    }

    private static void WriteParty(XmlWriter xml, string side, SipUri who, string name)
    {
        xml.WriteStartElement(side, Namespace);
        xml.WriteStartElement("identity", Namespace);
        if (Clean(name) is { Length: > 0 } display)
            xml.WriteAttributeString("display", display);
        xml.WriteString(who.ToString());
        xml.WriteEndElement();
        xml.WriteStartElement("target", Namespace);
        xml.WriteAttributeString("uri", who.ToString());
        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    // RFC 4235 §3.7.1. Who calls out is shown as "proceeding", which no phone takes for ringing: some do not look at the direction of what is early.
    private static string StateOf(ExtensionState state) => state switch
    {
        ExtensionState.Ringing => "early",
        ExtensionState.Calling => "proceeding",
        _ => "confirmed",
    };

    // Names come from carriers, too: what XML cannot hold is left out.
    private static string Clean(string name)
    {
        StringBuilder clean = new(Math.Min(name.Length, MaximumNameLength));
        for (int i = 0; i < name.Length && clean.Length < MaximumNameLength; i++)
        {
            if (i + 1 < name.Length && char.IsSurrogatePair(name[i], name[i + 1]))
                clean.Append(name, i++, 2);
            else if (XmlConvert.IsXmlChar(name[i]) && !char.IsControl(name[i]))
                clean.Append(name[i]);
        }
        return clean.ToString();
    }
}
