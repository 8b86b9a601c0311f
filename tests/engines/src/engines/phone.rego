package phone

import rego.v1

answers := [answer(app) | some app in input.packages]

answer(app) := data.denied_names[app.name] if {
    data.denied_names[app.name]
} else := data.denied_signers[app.signer] if {
    not app.system
    data.denied_signers[app.signer]
} else := -1 if {
    not app.system
    not data.allowed_names[app.name]
} else := advice[0] if {
    not app.system
    # A loop in the body itself would keep regorus's virtual machine from going on with the next `else`.
    advice := [data.advised_namespaces[n] | some n in app.namespaces; data.advised_namespaces[n]]
    count(advice) > 0
} else := data.allowed_names[app.name] if {
    data.allowed_names[app.name]
} else := -2
