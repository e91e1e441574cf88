using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.Dialogs;

/// <summary>The dialogs that one INVITE of ours made, one per To tag of its responses: forks on its way (RFC 3261 §12.1.2, §13.2.2.4).</summary>
public sealed class DialogSet
{
    private const int MaximumForks = 64;                 // a peer chooses the tags
    private readonly Dictionary<string, Dialog> _byTag = [];

    /// <summary>Gets the dialogs.</summary>
    public IReadOnlyCollection<Dialog> Dialogs => _byTag.Values;

    /// <summary>The dialog of a response, made if it is the first of its tag.</summary>
    /// <param name="invite">Our INVITE.</param>
    /// <param name="response">A 101 to 299 to it.</param>
    /// <param name="isNew">Whether it was made now.</param>
    /// <returns>The dialog; <see langword="null"/> for an 18x without To tag, which makes none, and beyond the limit of forks.</returns>
    public Dialog? Receive(SipRequest invite, SipResponse response, out bool isNew)
    {
        ArgumentNullException.ThrowIfNull(response);
        isNew = false;
        string tag = response.To.Tag ?? "";
        if (_byTag.TryGetValue(tag, out Dialog? dialog))
            return dialog;
        if (tag.Length == 0 && !response.IsSuccess)
            return null;
        if (_byTag.Count >= MaximumForks && !response.IsSuccess)
            return null;
        isNew = true;
        dialog = Dialog.FromResponse(invite, response);
        _byTag[tag] = dialog;
        return dialog;
    }

    /// <summary>The dialog of a To tag.</summary>
    /// <param name="toTag">The tag.</param>
    /// <returns>The dialog; <see langword="null"/> if no response made one.</returns>
    public Dialog? Find(string toTag) => _byTag.GetValueOrDefault(toTag);

    /// <summary>Takes a dialog that another owner of the INVITE had.</summary>
    /// <param name="dialog">An early dialog.</param>
    public void Restore(Dialog dialog)
    {
        ArgumentNullException.ThrowIfNull(dialog);
        _byTag[dialog.Id.RemoteTag] = dialog;
    }
}
